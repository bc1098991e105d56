# For sourcing: which sources are instruction-set units, by cmake/simd_flags.txt.
# Expects the current directory to be the repository root.

# simd_unit FILE: prints the unit's name, nothing for an ordinary source.
simd_unit() {
  local unit rest
  while read -r unit rest; do
    case $unit in '' | '#'*) continue ;; esac
    case /$1 in */"$unit"/* | *_"$unit".cpp) echo "$unit" && return ;; esac
  done <cmake/simd_flags.txt
}

# simd_flags UNIT: prints the unit's compiler flags.
simd_flags() {
  local unit rest
  while read -r unit rest; do
    [ "$unit" = "$1" ] && echo "$rest" && return
  done <cmake/simd_flags.txt
}
