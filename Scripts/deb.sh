#!/usr/bin/env bash
# Builds Debian packages of both programs into .build/deb, checks them, and prints where they are.
#
# The version is the program's. Sources that are no release's of it say which they are: 0.1.0~git431.3a12255
# comes before 0.1.0, and 0.1.0+git5.3a12255 after it. The same sources and programs make the same packages.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly output=.build/deb

Scripts/prepare.sh run
Scripts/packages.sh install build-essential debhelper lintian python3
SOURCES=$PWD
PROGRAMS=$(Scripts/build.sh)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCES PROGRAMS SOURCE_DATE_EPOCH

version() {
  local version tag suffix
  version=$("$PROGRAMS/martletd" --version)
  version=${version##* }
  tag=v$version
  suffix=.$(git rev-parse --short HEAD)
  git diff --quiet HEAD || suffix+=.changed
  if ! git rev-parse --quiet --verify "refs/tags/$tag" >/dev/null; then
    version+="~git$(git rev-list --count HEAD)$suffix"
  elif [ "$(git describe --tags --match "$tag" --dirty)" != "$tag" ]; then
    version+="+git$(git rev-list --count "$tag..HEAD")$suffix"
  fi
  printf '%s\n' "$version"
}

changelog() {
  local maintainer
  maintainer=$(sed -n 's/^Maintainer: //p' Packaging/debian/control)
  printf '%s\n' "martlet ($(version)-1) unstable; urgency=medium" "" \
    "  * Built from the sources; changelog.gz beside this file says what is new." "" \
    " -- $maintainer  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")"
}

rm -rf "$output"
mkdir -p "$output/build"
# Not the links, but what they lead to.
cp -rL Packaging/debian "$output/build/"
cp CHANGELOG.md "$output/build/"
changelog >"$output/build/debian/changelog"
say "Building the packages of $(version)"
(cd "$output/build" && dpkg-buildpackage --build=binary --unsigned-source --unsigned-changes >&2)
say "Checking them"
lintian --allow-root --fail-on error --tag-display-limit 0 "$output"/*.changes >&2
rm -rf "$output/build"
find "$PWD/$output" -name '*.deb' ! -name '*-dbgsym_*' | sort
