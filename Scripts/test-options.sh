# shellcheck shell=bash
# Sets `test_options`, what building the tests needs with this toolchain; sourced.
#
# SwiftPM's test runner links with _Testing_Foundation. Debian's swiftlang (6.2.3) has the module and
# not the library, of which the runner uses nothing: an empty one does.

test_options=()
libraries=$(swift -print-target-info 2>/dev/null |
  sed -nE '/"runtimeLibraryPaths"/,/\]/ s/^ *"(\/[^"]*)".*/\1/p' | head -n 1)
if [ -d "$libraries/_Testing_Foundation.swiftmodule" ] &&
  ! [ -e "$libraries/lib_Testing_Foundation.so" ]; then
  empty=$PWD/.build/empty-libraries
  mkdir -p "$empty"
  [ -e "$empty/lib_Testing_Foundation.a" ] || ar crs "$empty/lib_Testing_Foundation.a"
  # Read by the scripts that source this.
  # shellcheck disable=SC2034
  test_options=(-Xlinker "-L$empty")
fi
