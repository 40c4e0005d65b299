#!/usr/bin/env bash
# Writes what comes with the programs and is made from them: manual pages, completions for bash, zsh and
# fish, and the file of settings.
#
#   documents.sh PROGRAMS DIRECTORY          from the programs in one directory into another
#   documents.sh check PROGRAMS DIRECTORY    the same, and has their readers look for faults
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

# The day that the pages bear is that of the sources, so that the same sources make the same pages.
seconds() {
  if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
    printf '%s\n' "$SOURCE_DATE_EPOCH"
  else
    git log -1 --format=%ct 2>/dev/null || date +%s
  fi
}

write() {
  local programs=$1 directory=$2 page program version shell
  mkdir -p "$directory"
  for page in martlet.1 martletd.8; do
    program=${page%.*}
    version=$("$programs/$program" --version)
    "$programs/$program" --experimental-dump-help |
      Scripts/documents.py manual "Packaging/manual/$page.in" \
        --version "${version##* }" --seconds "$(seconds)" >"$directory/$page"
    for shell in bash zsh fish; do
      # Read by a shell, and not run: the line that names one is none of theirs.
      "$programs/$program" --generate-completion-script "$shell" | sed '1{/^#!/d}' \
        >"$directory/$program.$shell"
    done
  done
  "$programs/martletd" --experimental-dump-help | Scripts/documents.py settings \
    >"$directory/martletd.conf"
}

check() {
  local programs=$1 directory=$2 page program faults
  for page in martlet.1 martletd.8; do
    mandoc -T lint -W warning "$directory/$page" >&2 || fail "mandoc finds faults in $page."
    # The formatter that Debian has: it says its warnings and ends well.
    faults=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l "$directory/$page" 2>&1 >/dev/null)
    [ -z "$faults" ] || fail "man finds faults in $page: $faults"
  done
  for program in martlet martletd; do
    bash -n "$directory/$program.bash"
    zsh -n "$directory/$program.zsh"
    fish -n "$directory/$program.fish"
    # It loads, and offers what the program has.
    bash -c '. "$1"
      COMP_WORDS=("$2" --ver) COMP_CWORD=1 COMP_LINE="$2 --ver" COMP_POINT=${#COMP_LINE}
      "_$2" "$2" --ver "$2"
      [ "${COMPREPLY[*]}" = --version ]' - "$directory/$program.bash" "$program" ||
      fail "bash does not complete $program --ver."
    # shellcheck disable=SC2016
    fish -c '. $argv[1]; complete -C "$argv[2] --ver" | string match -q -- "--version*"' \
      "$directory/$program.fish" "$program" || fail "fish does not complete $program --ver."
  done
  # The server takes the file of settings as it is, and with every comment sign before a value taken away.
  "$programs/martletd" config check --config "$directory/martletd.conf" >/dev/null
  sed -n 's/^#\(MARTLET_[A-Z_]*=.\)/\1/p' "$directory/martletd.conf" >"$directory/martletd.all.conf"
  "$programs/martletd" config check --config "$directory/martletd.all.conf" >/dev/null
  rm "$directory/martletd.all.conf"
}

if [ "${1-}" = check ] && [ $# = 3 ]; then
  Scripts/packages.sh install man-db mandoc zsh fish
  write "$2" "$3"
  check "$2" "$3"
  say "The manual pages, the completions and the file of settings are as they should be."
elif [ $# = 2 ]; then
  write "$1" "$2"
else
  fail "usage: documents.sh [check] PROGRAMS DIRECTORY"
fi
