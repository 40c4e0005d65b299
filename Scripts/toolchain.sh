#!/usr/bin/env bash
# Makes sure that there is a Swift toolchain of 6.2 or later.
#
#   toolchain.sh find    there is one; installed if the distribution packages one new enough
#   toolchain.sh check   it starts and is new enough
#
# Two steps, because a toolchain starts only when its libraries are there: packages.sh comes between.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly wanted=6.2

# Whether one version is at least another.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

instruct() {
  fail "$1
  Martlet needs Swift $wanted or later. Install it as https://www.swift.org/install says,
  open a new terminal, check that 'swift --version' answers, and run the same command again."
}

find_toolchain() {
  command -v swift >/dev/null && return
  if command -v apt-cache >/dev/null; then
    local packaged
    packaged=$(apt-cache policy swiftlang 2>/dev/null | sed -n 's/^ *Candidate: *//p')
    # A package's version is [epoch:]upstream[-revision].
    packaged=${packaged#*:}
    packaged=${packaged%-*}
    if [[ $packaged == [0-9]* ]] && at_least "$packaged" "$wanted"; then
      Scripts/packages.sh install swiftlang
      return
    fi
  fi
  instruct "There is no Swift toolchain here: no 'swift' in the PATH."
}

check_toolchain() {
  local version
  version=$(swift --version 2>&1) || instruct "'swift --version' fails: $version"
  version=$(sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)*).*/\1/p' <<<"$version" | head -n 1)
  [ -n "$version" ] || instruct "'swift --version' does not say a version."
  at_least "$version" "$wanted" || instruct "This is Swift $version."
}

case ${1-} in
  find) find_toolchain ;;
  check) check_toolchain ;;
  *) fail "usage: toolchain.sh find|check" ;;
esac
