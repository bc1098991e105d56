#!/usr/bin/env bash
# Installs what tools/packages.txt lists and this machine lacks. Says what it does; does nothing when nothing is missing.
# Services that come with packages are not started.
#
#   tools/install_packages.sh SECTION...    for example: tools/install_packages.sh build test
#
# Needs no more than a bare Debian 12 has: bash, dpkg and apt, and root or sudo when something is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

# packages_of SECTION: the names listed under [SECTION].
packages_of() {
  local line section=''
  while read -r line; do
    case $line in
      '' | '#'*) ;;
      '['*']') section=${line:1:-1} ;;
      *) [ "$section" != "$1" ] || echo "$line" ;;
    esac
  done <tools/packages.txt
}

installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
for section; do
  for package in $(packages_of "$section"); do
    installed "$package" || missing+=("$package")
  done
done
((${#missing[@]} > 0)) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "This machine has no apt-get. Please install the counterparts of these Debian packages: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "Please install these packages as root, then run this again: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
policy=/usr/sbin/policy-rc.d our_policy=no
tidy_up() {
  rm -f "$log"
  [ "$our_policy" = no ] || "${as_root[@]}" rm -f "$policy"
}
trap tidy_up EXIT
quietly() { "$@" </dev/null >"$log" 2>&1 || { cat "$log" >&2 && echo "failed: $*" >&2 && exit 1; }; }
quietly "${as_root[@]}" apt-get update
# The servers among them are peers to be measured, not services of this machine: Debian's policy-rc.d keeps them from being
# started (invoke-rc.d(8)), and systemd, where it runs, from starting them at the next boot.
if [ ! -e "$policy" ]; then
  our_policy=yes
  "${as_root[@]}" sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
fi
quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --no-install-recommends "${missing[@]}"
if [ -d /run/systemd/system ]; then
  for package in "${missing[@]}"; do
    case $package in nginx | haproxy | hitch) quietly "${as_root[@]}" systemctl disable --now "$package" ;; esac
  done
fi
