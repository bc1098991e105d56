#!/usr/bin/env bash
# Keeps instruction-set units from leaking code into the rest of the program. An inline function or template that a
# unit emits out of line is a weak symbol, compiled with the unit's flags; the linker may pick that copy for every
# caller, and a CPU without the instructions then dies far away from the unit. So every weak symbol of a unit must
# name the unit's own namespace, as its scope or as a template argument.
#
#   tools/check_simd_symbols.sh              check every unit of core/ (compilers: $CXX, or g++ and clang++-14)
#   tools/check_simd_symbols.sh --self-test  show that a leak is caught
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/simd_units.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compilers=()
for candidate in ${CXX:-g++ clang++-14}; do
  ! command -v "$candidate" >/dev/null || compilers+=("$candidate")
done
((${#compilers[@]} > 0)) || { echo "no compiler found" && exit 1; }

# leaks UNIT OBJECT: prints weak symbols (W, V; u for unique ones) that do not name the unit's namespace.
# In a mangled name, namespace ifma is 4ifma: its length, then its name.
leaks() {
  nm --format=posix "$2" | awk -v own="${#1}$1" '$2 ~ /^[WVu]$/ && index($1, own) == 0 { print $1 }' | c++filt
}

# check_unit UNIT SOURCE: 0 when no compiler, at the levels builds use, leaks a symbol from it.
check_unit() {
  local compiler flags found bad=0
  read -ra flags <<<"$(simd_flags "$1")"
  for compiler in "${compilers[@]}"; do
    "$compiler" -std=c++20 -O2 -fPIC -fno-exceptions -fno-rtti -fno-threadsafe-statics "${flags[@]}" -I . \
      -c "$2" -o "$work/unit.o" || return 1
    found=$(leaks "$1" "$work/unit.o")
    [ -n "$found" ] || continue
    echo "$2: $compiler emits weak symbols outside namespace $1:"
    sed 's/^/  /' <<<"$found"
    bad=1
  done
  return "$bad"
}

self_test_failures=0
# expect VERDICT WHAT CODE
expect() {
  local source=$work/planted_ifma.cpp verdict=leak
  printf '%s\n' "$3" >"$source"
  if check_unit "$(simd_unit "$source")" "$source" >"$work/said" 2>&1; then verdict=clean; fi
  if [ "$verdict" = "$1" ]; then
    echo "ok: $2: $verdict"
  else
    echo "SELF-TEST FAILED: $2: expected $1, got $verdict"
    cat "$work/said"
    self_test_failures=$((self_test_failures + 1))
  fi
}

if [ "${1-}" = --self-test ]; then
  noinline='__attribute__((noinline, used))'
  expect clean "a function in the unit's namespace" \
    "namespace breakwater::ifma { $noinline inline int f(int x) { return x; } int g(int x) { return f(x); } }"
  expect clean "a shared template over the unit's type" \
    "namespace breakwater { template <class T> $noinline int f(T t) { return t.x; }
     namespace ifma { struct Lane { int x; }; int g(Lane l) { return f(l); } } }"
  expect leak "an inline function of a shared header" \
    "namespace breakwater { $noinline inline int f(int x) { return x; }
     namespace ifma { int g(int x) { return f(x); } } }"
  expect leak "a shared template over a shared type" \
    "namespace breakwater { template <class T> $noinline int f(T t) { return t; }
     namespace ifma { int g(int x) { return f(x); } } }"
  expect leak "an inline variable" \
    "namespace breakwater { inline int table[4] = {1, 2, 3, 4}; namespace ifma { int g(int i) { return table[i]; } } }"
  exit $((self_test_failures > 0))
fi

units=0 bad=0
while read -r source; do
  unit=$(simd_unit "$source")
  [ -n "$unit" ] || continue
  units=$((units + 1))
  check_unit "$unit" "$source" || bad=1
done < <(find core -name '*.cpp' | sort)
((bad == 0)) && echo "$units instruction-set units keep their code to themselves (${compilers[*]})"
exit "$bad"
