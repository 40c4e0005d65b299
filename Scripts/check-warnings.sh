#!/usr/bin/env bash
# Builds everything for debugging, tests included, and fails on a warning about Martlet's own files.
#
# A warning comes only when a file is compiled: it says all in a fresh clone.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

. Scripts/test-options.sh

output=$(mktemp)
trap 'rm -f "$output"' EXIT
swift build --build-tests "${test_options[@]}" 2>&1 | tee "$output"
if grep -E "^$PWD/(Sources|Tests|Package\.swift).*warning:" "$output"; then
  fail "The build has warnings."
fi
