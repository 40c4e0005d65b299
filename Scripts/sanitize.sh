#!/usr/bin/env bash
# Runs the suites with the thread sanitizer and with the address sanitizer, each in a build directory of
# its own. Arguments choose: thread, address; without any, both.
#
# Left out are the suites that run the programs in terminals, as the programs would be built with the
# sanitizer and write its reports to the screen that the tests read, and those that count memory.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh
Scripts/prepare.sh test
export LC_ALL=C.UTF-8
. Scripts/test-options.sh

sanitizers=("$@")
[ ${#sanitizers[@]} != 0 ] || sanitizers=(thread address)
# Leaks: Swift's runtime and NIO keep what they have made once; what is lost is found by the tests of
# memory. A report ends the process, so that a test that goes on cannot hide it.
export ASAN_OPTIONS=detect_leaks=0
export TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/Scripts/thread-sanitizer.txt"
export SWIFT_BACKTRACE=enable=no
for sanitizer in "${sanitizers[@]}"; do
  say "The suites with the $sanitizer sanitizer"
  swift test --scratch-path ".build/sanitize-$sanitizer" --sanitize="$sanitizer" --no-parallel \
    "${test_options[@]}" --skip EndToEndTests --skip TUIAppTests.TerminalTests
done
