#!/usr/bin/env bash
# Runs the whole suite and ends with its totals on one line. Fails when a test fails, and when none
# ran.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

Scripts/prepare.sh test

# A locale with UTF-8 that every glibc has: the tests draw Chinese and emoji.
export LC_ALL=C.UTF-8

. Scripts/test-options.sh

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
say "Building and running the tests"
# One at a time: the servers, databases and terminals of many tests at once starve each other on a
# small machine, and a test that waits gives up in the end.
swift test --no-parallel "${test_options[@]}" "$@" 2>&1 | tee "$output" || status=$?
awk -f Scripts/test-totals.awk "$output" || status=1
exit "$status"
