#!/usr/bin/env bash
# Builds release programs, `martletd` and `martlet` unless others are named, and prints the directory
# they are in.
#
# The Swift run-time library is linked in, so that they run without a toolchain, and no library is looked
# for beside the program. What the loader fills in is filled in at the start, and closed to writing.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly options=(-c release --static-swift-stdlib --disable-local-rpath -Xlinker -z -Xlinker now)

directory=$(swift build "${options[@]}" --show-bin-path)
[ -x "$directory/martletd" ] || say "Building Martlet; the first time takes a few minutes."
products=("$@")
[ $# -gt 0 ] || products=(martletd martlet)
for product in "${products[@]}"; do
  swift build "${options[@]}" --product "$product" >&2
done
printf '%s\n' "$directory"
