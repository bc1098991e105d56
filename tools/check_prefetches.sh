#!/usr/bin/env bash
# Finds out whether the compiler kept the guard's prefetches. GCC takes a function that does nothing but prefetch for
# one without effect and drops its calls, and nothing but the time it takes tells: core/guard/prefetch.h.
#
#   tools/check_prefetches.sh BUILD        look at the guard as it was compiled in this folder
#   tools/check_prefetches.sh --self-test  show that a dropped prefetch is noticed
set -euo pipefail
cd "$(dirname "$0")/.."

# Of what door() looks up: the keys of the blocks have one line, sets of the four other tables two each.
readonly least=9

# prefetches FILE: how many door() has, all that was inlined into it included.
prefetches() {
  objdump --disassemble --demangle --no-show-raw-insn "$1" |
    awk '/^[0-9a-f]+ </ { inside = index($0, "breakwater::guard::Guard::door(") > 0 }
         inside && /prefetch/ { ++found }
         END { print found + 0 }'
}

# check FILE: 0 when they are all there.
check() {
  local found
  found=$(prefetches "$1")
  ((found >= least)) && return
  echo "Guard::door() in $1 has $found prefetches, not $least: did the compiler drop them?" >&2
  return 1
}

if [ "${1-}" = --self-test ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  compile() { g++ -std=c++20 -O2 -I. "$@" -c core/guard/guard.cpp -o "$work/guard.o"; }
  compile
  check "$work/guard.o" || exit 1
  compile '-D__builtin_prefetch(place)=((void)(place))'
  ! check "$work/guard.o" 2>"$work/said" || { echo "a dropped prefetch is not noticed" && exit 1; }
  grep -q "has 0 prefetches" "$work/said" || { cat "$work/said" && exit 1; }
  echo "a dropped prefetch is noticed"
  exit
fi

object=$(find "${1:?usage: tools/check_prefetches.sh BUILD | --self-test}" -path '*breakwater_guard.dir/guard.cpp.o' -print -quit)
[ -n "$object" ] || { echo "no guard.cpp.o in $1" && exit 1; }
check "$object"
