#!/usr/bin/env bash
# Builds the release programs, `martletd` and `martlet`, and prints the directory they are in.
#
# The Swift run-time library is linked in, so that they run without a toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly options=(-c release --static-swift-stdlib)

directory=$(swift build "${options[@]}" --show-bin-path)
[ -x "$directory/martlet" ] || say "Building Martlet; the first time takes a few minutes."
for product in martletd martlet; do
  swift build "${options[@]}" --product "$product" >&2
done
printf '%s\n' "$directory"
