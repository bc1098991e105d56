#!/usr/bin/env bash
# Installs what tools/packages.txt lists and this machine lacks. Says what it does; does nothing when nothing is missing.
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
trap 'rm -f "$log"' EXIT
quietly() { "$@" </dev/null >"$log" 2>&1 || { cat "$log" >&2 && echo "failed: $*" >&2 && exit 1; }; }
quietly "${as_root[@]}" apt-get update
quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --no-install-recommends "${missing[@]}"
