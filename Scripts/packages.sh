#!/usr/bin/env bash
# Installs the system packages that are missing, and says which.
#
#   packages.sh run               what building and running Martlet needs
#   packages.sh test              what its tests need besides
#   packages.sh lint              what checking its scripts needs
#   packages.sh install NAME...   those of these that are missing
#
# Names on Debian and Ubuntu; elsewhere it says what is needed and goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

# What Martlet links with.
readonly libraries=(libncurses-dev libpq-dev libsqlite3-dev libssl-dev)
# What the toolchain needs: git for dependencies, g++ for the C library, the linker and libstdc++,
# and the libraries of SwiftPM itself. Development packages, because their names are the same in
# every release.
readonly toolchain=(
  ca-certificates git make g++ libcurl4-openssl-dev libxml2-dev uuid-dev zlib1g-dev)
readonly test_tools=(openssl tmux)
readonly lint_tools=(shellcheck)
readonly oldest_postgresql=15

missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$name" 2>/dev/null |
      grep -qx installed || printf '%s\n' "$name"
  done
}

# Whether the server programs of a PostgreSQL that is new enough are here.
has_postgresql() {
  local initdb version
  for initdb in /usr/lib/postgresql/*/bin/initdb; do
    version=${initdb#/usr/lib/postgresql/}
    version=${version%%/*}
    [[ -x $initdb && $version =~ ^[0-9]+$ ]] && ((version >= oldest_postgresql)) && return
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "Only root may install packages, and there is no sudo. Have root run:
  apt-get install ${*: -1}"
  fi
}

install_packages() {
  say "Installing system packages: $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >&2
}

need() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

need_to_run() {
  local wanted=("${libraries[@]}" "${toolchain[@]}")
  has_postgresql || wanted+=(postgresql)
  need "${wanted[@]}"
  has_postgresql || fail "The PostgreSQL packaged here is older than $oldest_postgresql.
  Install a newer server as https://www.postgresql.org/download/linux says, and run this again."
  # The toolchain links with gold, which Debian 13 and later package by itself.
  command -v ld.gold >/dev/null || install_packages binutils-gold
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  say "This is neither Debian nor Ubuntu. Martlet needs the development files of ncurses (wide
    characters), libpq, SQLite and OpenSSL, and PostgreSQL $oldest_postgresql or later; the tests need tmux and openssl."
  exit 0
fi

case ${1-} in
  run) need_to_run ;;
  test)
    need_to_run
    need "${test_tools[@]}"
    ;;
  lint) need "${lint_tools[@]}" ;;
  install) need "${@:2}" ;;
  *) fail "usage: packages.sh run|test|lint|install NAME..." ;;
esac
