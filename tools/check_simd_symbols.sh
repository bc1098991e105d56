#!/usr/bin/env bash
# Keeps instruction-set units from leaking code into the rest of the program. An inline function or template that a
# unit emits out of line is a weak symbol, compiled with the unit's flags; the linker may pick that copy for every
# caller, and a CPU without the instructions then dies far away from the unit. So every weak symbol of a unit must
# name the unit's own namespace, as its scope or as a template argument.
#
#   tools/check_simd_symbols.sh              compile and check every unit of core/ (compilers: $CXX, or g++ and clang++-14)
#   tools/check_simd_symbols.sh BUILD        first check them as they were compiled in this folder
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
((${#compilers[@]} > 0)) || [ -d "${1-}" ] || { echo "no compiler found" && exit 1; }

# leaks UNIT OBJECT: prints weak symbols (W, V; u for unique ones) that do not name the unit's namespace.
# In a mangled name, namespace ifma is 4ifma: its length, then its name.
leaks() {
  nm --format=posix "$2" | awk -v own="${#1}$1" '$2 ~ /^[WVu]$/ && index($1, own) == 0 { print $1 }' | c++filt
}

# check_object UNIT SOURCE OBJECT HOW: 0 when the object leaks no symbol.
check_object() {
  local found
  found=$(leaks "$1" "$3")
  [ -n "$found" ] || return 0
  echo "$2: $4 emits weak symbols outside namespace $1:"
  sed 's/^/  /' <<<"$found"
  return 1
}

# check_built UNIT SOURCE BUILD: 0 when the build compiled it, once or more often, and leaked nothing.
check_built() {
  local object objects bad=0
  mapfile -t objects < <(find "$3/$(dirname "$2")" -path "*/CMakeFiles/*.dir/$(basename "$2").o")
  ((${#objects[@]} > 0)) || { echo "$2: not compiled in $3" && return 1; }
  for object in "${objects[@]}"; do check_object "$1" "$2" "$object" "its build" || bad=1; done
  return "$bad"
}

# check_unit UNIT SOURCE: 0 when no compiler, at the levels builds use, leaks a symbol from it.
check_unit() {
  local compiler flags bad=0
  read -ra flags <<<"$(simd_flags "$1")"
  for compiler in "${compilers[@]}"; do
    "$compiler" -std=c++20 -O2 -fPIC -fno-exceptions -fno-rtti -fno-threadsafe-statics "${flags[@]}" -I . \
      -c "$2" -o "$work/unit.o" || return 1
    check_object "$1" "$2" "$work/unit.o" "$compiler" || bad=1
  done
  return "$bad"
}

self_test_failures=0
# expect VERDICT WHAT CODE
expect() {
  printf '%s\n' "$3" >"$work/planted_ifma.cpp"
  judge "$1" "$2" check_unit "$(simd_unit planted_ifma.cpp)" "$work/planted_ifma.cpp"
}

# judge VERDICT WHAT CHECK...
judge() {
  local verdict=leak
  if "${@:3}" >"$work/said" 2>&1; then verdict=clean; fi
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
  built=$work/build/CMakeFiles/a.dir
  mkdir -p "$built"
  "${compilers[0]}" -c "$work/planted_ifma.cpp" -std=c++20 -o "$built/planted_ifma.cpp.o"
  judge leak "the same, as a build has it" check_built ifma planted_ifma.cpp "$work/build"
  echo "namespace breakwater::ifma { inline int f(int x) { return x; } int g(int x) { return f(x); } }" |
    "${compilers[0]}" -x c++ -c - -o "$built/planted_ifma.cpp.o"
  judge clean "a function in the unit's namespace, as a build has it" check_built ifma planted_ifma.cpp "$work/build"
  rm "$built/planted_ifma.cpp.o"
  judge leak "a unit that a build has not" check_built ifma planted_ifma.cpp "$work/build"
  exit $((self_test_failures > 0))
fi

units=0 bad=0
while read -r source; do
  unit=$(simd_unit "$source")
  [ -n "$unit" ] || continue
  units=$((units + 1))
  [ -z "${1-}" ] || check_built "$unit" "$source" "$1" || bad=1
  check_unit "$unit" "$source" || bad=1
done < <(find core -name '*.cpp' | sort)
((bad == 0)) && echo "$units instruction-set units keep their code to themselves (${1:+$1, }${compilers[*]})"
exit "$bad"
