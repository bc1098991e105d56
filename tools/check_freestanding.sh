#!/usr/bin/env bash
# Proves that core/ can live in a kernel: compiles every source of it with the kernel's kind of flags, links the
# objects into one, and refuses static constructors, unwind tables, thread-local storage and any symbol that is
# neither part of core/ nor of the seam (breakwater::port) nor one of the four mem* functions.
#
#   tools/check_freestanding.sh              check core/ (compiler: $CXX, g++ by default; clang
#                                           cannot parse libstdc++ without vector registers)
#   tools/check_freestanding.sh --self-test  show that every kind of violation is caught
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/simd_units.sh

cxx=${CXX:-g++}
common_flags=(-std=c++20 -O2 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics
  -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-pie -mno-red-zone
  -Wall -Wextra -Wconversion -Werror -I .)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compile SOURCE OBJECT: with the unit's own flags for an instruction-set unit. Units of vector code are called
# between the kernel's begin and end marks for vector registers; everything else must not touch them.
compile() {
  local unit flags=()
  unit=$(simd_unit "$1")
  [ -z "$unit" ] || read -ra flags <<<"$(simd_flags "$unit")"
  case ${flags[*]-} in *avx*) ;; *) flags+=(-mgeneral-regs-only) ;; esac
  "$cxx" "${common_flags[@]}" "${flags[@]}" -c "$1" -o "$2"
}

# check_sources SOURCE...: 0 when together they are freestanding; otherwise says what is not.
check_sources() {
  local objects source bad=0 running=0
  objects=$(mktemp -d "$work/objects.XXXXXX")
  for source; do
    if ((running >= $(nproc))); then
      wait -n || bad=1
      running=$((running - 1))
    fi
    compile "$source" "$objects/source$(tr / . <<<"/$source").o" &
    running=$((running + 1))
  done
  while ((running > 0)); do
    wait -n || bad=1
    running=$((running - 1))
  done
  ((bad == 0)) || return 1
  ld -r -o "$objects/core.all" "$objects"/*.o || return 1

  local object sections symbols
  local forbidden='\.(init_array|fini_array|ctors|dtors|eh_frame|tdata|tbss)[^ ]*'
  for object in "$objects"/*.o; do
    sections=$(readelf --wide --sections "$object" | grep -oE "$forbidden" | sort -u | tr '\n' ' ') || true
    [ -n "$sections" ] || continue
    echo "$(basename "${object#*/source.}" .o): forbidden sections: $sections"
    bad=1
  done
  symbols=$(nm --undefined-only --format=posix "$objects/core.all" | cut -d' ' -f1 |
    grep -vE '^(_ZN10breakwater4port.*|memcpy|memmove|memset|memcmp)$') || true
  if [ -n "$symbols" ]; then
    echo "undefined symbols outside breakwater::port, and the sources that use them:"
    for object in "$objects"/*.o; do
      nm --undefined-only --format=posix "$object" | cut -d' ' -f1 | grep -xF "$symbols" | c++filt |
        sed "s|^|  $(basename "${object#*/source.}" .o): |" || true
    done
    bad=1
  fi
  return "$bad"
}

self_test_failures=0
# expect SAYING WHAT CODE: check_sources on CODE alone must fail and say SAYING; when SAYING is empty, it must pass.
expect() {
  local source=$work/planted.cpp verdict=violation
  printf '%s\n' "$3" >"$source"
  if check_sources "$source" >"$work/said" 2>&1; then verdict=clean; fi
  if { [ -z "$1" ] && [ "$verdict" = clean ]; } ||
    { [ -n "$1" ] && [ "$verdict" = violation ] && grep -q -e "$1" "$work/said"; }; then
    echo "ok: $2: $verdict"
  else
    echo "SELF-TEST FAILED: $2: $verdict; it said:"
    cat "$work/said"
    self_test_failures=$((self_test_failures + 1))
  fi
}

if [ "${1-}" = --self-test ]; then
  expect '' "plain code" 'unsigned twice(unsigned x) { return 2 * x; }'
  expect '' "a call through the seam" \
    '#include "core/port/hash.h"
     void start(breakwater::port::Sha256State& s) { breakwater::port::sha256_init(s); }'
  expect '' "memcpy" \
    '#include "core/port/bytes.h"
     void move(void* to, const void* from, unsigned long n) { memcpy(to, from, n); }'
  expect '\.init_array' "a static constructor" \
    'extern volatile int source; volatile int source; int copy = source + 1;'
  expect 'host()' "an undefined symbol" 'void host(); void call() { host(); }'
  expect 'operator new' "the heap" 'int* make() { return new int(1); }'
  expect '\.tbss' "a thread-local variable" 'thread_local int counter; int next() { return ++counter; }'
  expect 'SSE' "floating point" 'double half(double x) { return x / 2; }'
  expect '__udivti3' "a 128-bit division" \
    'unsigned __int128 divide(unsigned __int128 a, unsigned __int128 b) { return a / b; }'
  expect 'exception' "an exception" 'void fail() { throw 1; }'
  expect 'Werror=conversion' "a warning" 'int narrow(long x) { return x; }'
  exit $((self_test_failures > 0))
fi

mapfile -t sources < <(find core -name '*.cpp' | sort)
((${#sources[@]} > 0)) || { echo "no sources found under core/" && exit 1; }
check_sources "${sources[@]}"
echo "core/ is freestanding: ${#sources[@]} sources compiled by $cxx"
