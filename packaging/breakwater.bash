# bash completion for breakwater(8)
_breakwater() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in serve | check | speed | top) command=$word && break ;; esac
  done
  COMPREPLY=()
  case $previous in
    --config | --cert | --key | --key-log | --access-log) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --root) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -d -- "$current") && return ;;
    --tls-min) mapfile -t COMPREPLY < <(compgen -W '1.2 1.3' -- "$current") && return ;;
    --tickets | --guard) mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$current") && return ;;
    --groups) mapfile -t COMPREPLY < <(compgen -W 'x25519,secp256r1 secp256r1,x25519 x25519 secp256r1' -- "$current") && return ;;
    --ktls) mapfile -t COMPREPLY < <(compgen -W 'auto on off' -- "$current") && return ;;
    --io) mapfile -t COMPREPLY < <(compgen -W 'auto uring epoll' -- "$current") && return ;;
    --crypto) mapfile -t COMPREPLY < <(compgen -W 'auto portable adx ifma' -- "$current") && return ;;
    --log-format) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current") && return ;;
    --xdp) mapfile -t COMPREPLY < <(compgen -W "off $(cd /sys/class/net 2>/dev/null && echo *)" -- "$current") && return ;;
    --user) mapfile -t COMPREPLY < <(compgen -u -- "$current") && return ;;
    --allow | --deny | --listen | --proxy-protocol-from | --backend | --admin | --respond | --workers | --cpus) return ;;
  esac
  case $command in
    serve)
      mapfile -t COMPREPLY < <(compgen -W '--config --listen --proxy-protocol-from --cert --key --backend --root --respond --workers --cpus
        --tls-min --tickets --groups --ktls --io --crypto --guard --allow --deny --xdp --admin --user --access-log --log-format --key-log --help' -- "$current")
      ;;
    check) mapfile -t COMPREPLY < <(compgen -W '--config --help' -- "$current") ;;
    speed) mapfile -t COMPREPLY < <(compgen -W '--json --help' -- "$current") ;;
    top) mapfile -t COMPREPLY < <(compgen -W '--admin --once --help' -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W 'serve check speed top --help --version' -- "$current") ;;
  esac
}
complete -F _breakwater breakwater
