#!/usr/bin/env bash
# Counts the instructions of what is done for every message and for every key, by Callgrind, which counts
# the same in every run, and prints them beside those of Benchmarks/costs.txt. It fails where something
# takes a tenth more. `costs.sh update` writes that file: a change that makes something slower says so.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly baseline=Benchmarks/costs.txt
readonly build=(-c release --static-swift-stdlib --package-path Benchmarks --scratch-path .build/benchmarks)

Scripts/prepare.sh run
Scripts/packages.sh install valgrind
say "Building what is counted"
swift build "${build[@]}" --product martlet-costs >&2
program=$(swift build "${build[@]}" --show-bin-path)/martlet-costs

# The instructions of one piece of work, and how many were counted.
count() {
  local output
  output=$(SWIFT_DETERMINISTIC_HASHING=1 valgrind --tool=callgrind --callgrind-out-file=/dev/null \
    --toggle-collect='*measured*' "$program" "$1" 2>&1)
  awk '$2 == "Collected" { all = $4 } /^[0-9]+$/ { times = $1 } END { printf "%d", all / times }' <<<"$output"
}

say "Counting"
counted=$(for name in $("$program"); do printf '%s %s\n' "$name" "$(count "$name")"; done)
compare() {
  awk -v baseline="$baseline" '
    BEGIN {
      while ((getline line < baseline) > 0) { split(line, field, " "); before[field[1]] = field[2] }
      print "| what | instructions | before | |"
      print "| --- | --- | --- | --- |"
    }
    $2 + 0 <= 0 || !($1 in before) { failed = 1; before[$1] = before[$1] ? before[$1] : $2 }
    {
      print "| " $1 " | " $2 " | " before[$1] " | " sprintf("%+.1f %%", 100 * ($2 / before[$1] - 1)) " |"
      if ($2 > 1.1 * before[$1]) failed = 1
    }
    END { exit failed }' <<<"$counted"
}

if [ "${1:-}" = update ]; then
  compare || true
  printf '%s\n' "# $(swift --version 2>/dev/null | sed -n 's/.*(\(swift-[^)]*\)).*/\1/p'), $(uname -m)" "$counted" >"$baseline"
else
  compare || fail "Something takes a tenth more instructions than before, or is not in $baseline."
fi
