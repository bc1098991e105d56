# bash completion for breakwater-flood(1)
_breakwater_flood() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words
  COMPREPLY=()
  case $previous in
    --json | --log | --mix) compopt -o filenames 2>/dev/null && mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --mode) words='full resume hello stall trickle garbage renegotiate request idle plain' ;;
    --end) words='abort close' ;;
    --tls) words='1.2 1.3' ;;
    --auth) words='any ecdsa rsa' ;;
    --cipher) words='any aes128 aes256 chacha20' ;;
    --group) words='secp256r1 x25519' ;;
    --shape) words='tool curl browser browser-pq' ;;
    --wait) words='auto spin sleep' ;;
    --alpn) words='h2,http/1.1 http/1.1' ;;
    --sni | --host) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") && return ;;
    --name | --connections | --rate | --duration | --count | --warmup | --timeout | --source | --hold | --ramp | --interval | \
      --path | --requests | --tickets | --pattern | --cpu) return ;;
    *) words='--mode --name --end --tls --auth --cipher --group --shape --sni --alpn --check-signature --corrupt-finished
        --connections --rate --duration --count --warmup --timeout --source --hold --ramp --interval --path --host --requests
        --tickets --fresh-tickets --own-tickets --pattern --mix --wait --cpu --json --log --quiet --i-own-this-target --help --version' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _breakwater_flood breakwater-flood
