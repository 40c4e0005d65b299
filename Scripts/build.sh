#!/usr/bin/env bash
# Builds release programs, `martletd` and `martlet` unless others are named, and prints the directory
# they are in.
#
# The Swift run-time library is linked in, so that they run without a toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly options=(-c release --static-swift-stdlib)

directory=$(swift build "${options[@]}" --show-bin-path)
[ -x "$directory/martletd" ] || say "Building Martlet; the first time takes a few minutes."
products=("$@")
[ $# -gt 0 ] || products=(martletd martlet)
for product in "${products[@]}"; do
  swift build "${options[@]}" --product "$product" >&2
done
printf '%s\n' "$directory"
