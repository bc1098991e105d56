#!/bin/sh
# talk_to_example.sh SERVER WORK_DIR: starts the example on a free port and checks its answers to curl and openssl.
set -eu
server=$1
work=$2

"$server" 0 >"$work/address" 2>"$work/errors" &
pid=$!
trap 'kill $pid 2>/dev/null || true' EXIT

tries=0
until grep -q https "$work/address"; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { echo "the server did not start"; cat "$work/errors"; exit 1; }
  sleep 0.1
done
port=$(sed -n 's,.*:\([0-9]*\)/.*,\1,p' "$work/address")

# The certificate the server shows is the one to trust.
openssl s_client -connect "127.0.0.1:$port" -servername localhost </dev/null 2>/dev/null |
  openssl x509 >"$work/ca.pem"

fail() {
  echo "$1"
  echo "--- got:"
  cat "$work/reply"
  kill -0 $pid || { echo "--- the server has ended:"; cat "$work/errors"; }
  exit 1
}

for version in 1.2 1.3; do
  curl --silent --show-error --max-time 20 --cacert "$work/ca.pem" --resolve "localhost:$port:127.0.0.1" \
    --tlsv$version --tls-max $version "https://localhost:$port/asked?for" >"$work/reply" 2>&1 ||
    fail "curl over TLS $version failed"
  grep -q '^hello over TLS_' "$work/reply" || fail "no greeting over TLS $version"
  grep -q '^GET /asked?for HTTP/1.1' "$work/reply" || fail "the request did not come back over TLS $version"

  { printf 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'; sleep 1; } |
    openssl s_client -connect "127.0.0.1:$port" -servername localhost -tls$(echo $version | tr . _) \
      -CAfile "$work/ca.pem" -verify_return_error -verify_hostname localhost -quiet -ign_eof >"$work/reply" 2>&1 ||
    fail "openssl s_client over TLS $version failed"
  grep -q '^hello over TLS_' "$work/reply" || fail "no greeting for openssl s_client over TLS $version"
done

# Forty at once, in one thread of the server.
pids=
for i in $(seq 40); do
  curl --silent --max-time 20 --cacert "$work/ca.pem" --resolve "localhost:$port:127.0.0.1" \
    "https://localhost:$port/$i" >"$work/reply.$i" &
  pids="$pids $!"
done
for one in $pids; do wait "$one" || { echo "a parallel request failed"; exit 1; }; done
for i in $(seq 40); do
  cp "$work/reply.$i" "$work/reply"
  grep -q "^GET /$i HTTP/1.1" "$work/reply" || fail "parallel request $i got another answer"
done

# Something else than TLS must not hurt it.
curl --silent --max-time 5 "http://127.0.0.1:$port/" >"$work/reply" 2>&1 || true
curl --silent --max-time 20 --cacert "$work/ca.pem" --resolve "localhost:$port:127.0.0.1" "https://localhost:$port/" \
  >"$work/reply" || fail "the server did not survive plain HTTP"
echo "TLS 1.2 and 1.3 with curl and openssl s_client: as expected"
