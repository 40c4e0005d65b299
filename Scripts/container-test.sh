#!/usr/bin/env bash
# Builds the image of Packaging/Containerfile and starts the server in it, on Debian, as root.
#
#   container-test.sh                        builds the packages first
#   container-test.sh MARTLET.deb MARTLETD.deb
#
# Nothing is fetched but Debian's packages: the images that the file begins with have stand-ins. The last is a
# bare root; the first has a `git` and a `make` that build nothing, and put packages where `make deb` does.
# So each line is parsed and run, but what a toolchain does in a container is not seen.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh
. Scripts/bare-root.sh

readonly self=$PWD/Scripts/container-test.sh

outside() {
  local packages
  Scripts/packages.sh install buildah debootstrap
  packages=("$@")
  [ $# != 0 ] || mapfile -t packages < <(Scripts/deb.sh)
  [ ${#packages[@]} = 2 ] || fail "usage: container-test.sh [MARTLET.deb MARTLETD.deb]"
  find_release
  isolated "$self" --inside "$release" "$mirror" "${packages[@]}"
  say "The image is as it should be."
}

images() { buildah --root "$directory/images" --runroot "$directory/run" --storage-driver vfs "$@"; }

stand_in() {
  local name=$1 base=$2 container
  shift 2
  container=$(images from "$base")
  images copy --quiet "$container" "$@" >/dev/null
  images commit --quiet --rm "$container" "localhost/$name" >/dev/null
}

inside() {
  local release=$1 mirror=$2 container
  directory=$5
  export BUILDAH_ISOLATION=chroot
  mount -t proc proc /proc
  bootstrap "$release" "$mirror" "$directory/root"
  mkdir -p "$directory/toolchain"/{packages,usr/local/bin}
  cp "$3" "$4" "$directory/toolchain/packages/"
  printf '#!/bin/sh\n' >"$directory/toolchain/usr/local/bin/git"
  printf '#!/bin/sh\nmkdir .build && cp -r /packages .build/deb\n' >"$directory/toolchain/usr/local/bin/make"
  chmod +x "$directory"/toolchain/usr/local/bin/*
  stand_in "debian:$release-slim" scratch "$directory/root" /
  stand_in "swift:6.2-$release" "localhost/debian:$release-slim" "$directory/toolchain" /

  say "Building the image"
  images build --quiet --pull=never --build-arg RELEASE="$release" --file Packaging/Containerfile \
    --tag martletd . >"$directory/log" 2>&1 || {
    tail -n 20 "$directory/log" >&2
    fail "It cannot be built."
  }

  say "Starting the server in it"
  container=$(images from localhost/martletd)
  images run "$container" -- martletd serve >"$directory/log" 2>&1 || true
  log_says 'give --tls-certificate' || fail "It shows passwords to the network."
  # timeout(1) sends a signal, which the server is to take for an end like any other.
  images run --env MARTLET_LISTEN=127.0.0.1:0 "$container" -- tini -s -- timeout 10 martletd serve \
    >"$directory/log" 2>&1 || true
  log_says 'message=serving' || fail "It does not serve."
  log_says 'message=stopped' || fail "It does not stop well."
}

# Whether the log has some words; shows it where not.
log_says() {
  grep -q -- "$1" "$directory/log" || {
    cat "$directory/log" >&2
    return 1
  }
}

case ${1-} in
  --inside) inside "${@:2}" ;;
  *) outside "$@" ;;
esac
