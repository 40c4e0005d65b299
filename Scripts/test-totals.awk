# Adds up what XCTest and Swift Testing say at their ends, names what failed, so that it is not lost
# among what passed, and fails unless tests ran and all passed.
#
# XCTest:         Executed 3 tests, with 1 test skipped and 1 failure (0 unexpected) in ...
# Swift Testing:  ✘ Test run with 80 tests in 11 suites failed after 0.7 seconds with 6 issues.
#                 ✘ Test name() failed after 0.1 seconds with 2 issues.
#                 ✘ Test name() recorded an issue at File.swift:7:3: Expectation failed: ...
#                 ➜ Test name() skipped: "reason"

# One line for each suite and at last one for all: the last counts.
/^[ \t]*Executed [0-9]+ tests?, with / {
  match($0, /Executed [0-9]+/)
  xctest = substr($0, RSTART + 9, RLENGTH - 9)
  xctest_failed = match($0, /[0-9]+ failures?/) ? substr($0, RSTART) + 0 : 0
  xctest_skipped = match($0, /[0-9]+ tests? skipped/) ? substr($0, RSTART) + 0 : 0
}

/ Test run with [0-9]+ tests? .*(passed|failed) after / {
  match($0, /with [0-9]+/)
  testing += substr($0, RSTART + 5, RLENGTH - 5)
  ended = 1
  next
}

/^[^ ]+ Test .* recorded an issue / { issues = issues $0 "\n" }
/^[^ ]+ Test .* failed after [0-9.]+ seconds/ { testing_failed++ }
/^[^ ]+ Test .* skipped(:|\.|$)/ { testing_skipped++ }

END {
  failed = xctest_failed + testing_failed
  skipped = xctest_skipped + testing_skipped
  passed = xctest + testing - failed - skipped
  if (!ended) print "error: Swift Testing did not come to its end: the tests crashed, or did not build"
  printf "%s", issues
  line = passed " passed, " failed " failed"
  print skipped ? line ", " skipped " skipped" : line
  exit !(ended && passed > 0 && failed == 0)
}
