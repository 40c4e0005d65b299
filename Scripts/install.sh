#!/usr/bin/env bash
# Puts the programs and what comes with them below PREFIX, /usr/local by default, or takes them away.
#
#   install.sh             builds what is not built, and installs it
#   install.sh uninstall   removes what was installed there; settings and data stay
#
# DESTDIR is put before all paths, for packagers. PROGRAMS names a directory with programs that are built
# already. STRIP= leaves the programs their symbols. ZSH_COMPLETIONS is where zsh looks for completions.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly prefix=${PREFIX:-/usr/local}
readonly share=$prefix/share
readonly strip=${STRIP-strip}
[[ $prefix == /* ]] || fail "PREFIX is $prefix; give a path that begins with a slash."

made=
trap '[ -z "$made" ] || rm -rf "$made"' EXIT

# Installs a file with some mode, or removes it: what is removed is what is installed.
place() {
  local mode=$1 source=$2 target=${DESTDIR:-}$3
  if [ "$action" = uninstall ]; then
    rm -f "$target"
  else
    install -D -m "$mode" "$source" "$target"
  fi
}

place_all() {
  local program page
  for program in martlet martletd; do
    place 755 "$made/$program" "$prefix/bin/$program"
    place 644 "$made/$program.bash" "$share/bash-completion/completions/$program"
    place 644 "$made/$program.zsh" "${ZSH_COMPLETIONS:-$share/zsh/site-functions}/_$program"
    place 644 "$made/$program.fish" "$share/fish/vendor_completions.d/$program.fish"
  done
  for page in martlet.1 martletd.8; do
    place 644 "$made/$page.gz" "$share/man/man${page##*.}/$page.gz"
  done
  for program in martlet martletd; do
    place 644 "$made/NOTICE" "$share/doc/$program/NOTICE"
  done
  place 644 "$made/martletd.conf" "$share/doc/martletd/examples/martletd.conf"
  place 644 "$made/martletd.service" "$prefix/lib/systemd/system/martletd.service"
  place 644 Packaging/martletd.sysusers "$prefix/lib/sysusers.d/martletd.conf"
}

# The libraries that are linked in, and what their licence, the Apache License 2.0, wants passed on.
notices() {
  local directory
  for directory in .build/checkouts/*/; do
    printf '%s\n' "This program contains $(basename "$directory"), under the Apache License 2.0."
  done
  for directory in .build/checkouts/*/; do
    [ ! -f "$directory/NOTICE.txt" ] || cat "$directory/NOTICE.txt"
  done
}

prepare() {
  local programs=${PROGRAMS:-} program
  # `sudo make install` after `make build`: root's PATH may have no toolchain.
  if [ -z "$programs" ] && ! command -v swift >/dev/null && [ -x .build/release/martletd ] &&
    [ -x .build/release/martlet ]; then
    programs=.build/release
  fi
  if [ -z "$programs" ]; then
    Scripts/prepare.sh run
    programs=$(Scripts/build.sh)
  fi
  made=$(mktemp -d)
  Scripts/documents.sh "$programs" "$made"
  notices >"$made/NOTICE"
  for program in martlet martletd; do
    cp "$programs/$program" "$made/"
    [ -z "$strip" ] || "$strip" --strip-unneeded "$made/$program"
  done
  # Without the time, so that the same page is the same file.
  gzip -9n "$made/martlet.1" "$made/martletd.8"
  sed "s|^ExecStart=/usr/bin/|ExecStart=$prefix/bin/|" Packaging/martletd.service \
    >"$made/martletd.service"
}

case ${1:-install} in
  install)
    action=install
    prepare
    place_all
    say "Martlet is in ${DESTDIR:-}$prefix. docs/operating.md says how to run the server."
    ;;
  uninstall)
    action=uninstall
    place_all
    rmdir --ignore-fail-on-non-empty "${DESTDIR:-}$share/doc"/martletd/{examples,} \
      "${DESTDIR:-}$share/doc/martlet" 2>/dev/null || true
    ;;
  *) fail "usage: install.sh [uninstall]" ;;
esac
