#!/usr/bin/env bash
# Fuzzes each decoder that meets bytes from outside, for FUZZ_TIME seconds (60) or, if that is given,
# for FUZZ_RUNS executions. Arguments name the targets; without any, all of them are run.
#
# What is found stays in .build/fuzz/found, and fails. What was found earlier, in Fuzz/Regressions, is
# run first.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

time=${FUZZ_TIME:-60}
runs=${FUZZ_RUNS:--1}
[ "$runs" = -1 ] || time=0
build=.build/fuzz
corpora=$build/corpora
found=$build/found

Scripts/prepare.sh run
export MARTLET_FUZZ=1
# Swift's own looks for a debugger after a crash, and libFuzzer tells what there is to tell.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0
say "Building the fuzzer"
swift build --scratch-path "$build" -c release -Xswiftc -enable-testing --product fuzz
fuzzer=$(swift build --scratch-path "$build" -c release --show-bin-path)/fuzz

# The examples of docs/protocol.md, a file each. The replies have the number of their request in front.
examples() {
  awk -v kind="$1" -v directory="$2" -v numbered="$3" '
    /^```json / && $2 == kind { n++; file = directory "/example-" n; text = ""; method = $3; next }
    /^```/ && file {
      if (numbered) printf "%c", order[method] > file
      printf "%s", text > file; close(file); file = ""; next
    }
    file { text = text $0 "\n" }
    BEGIN {
      names = "hello account.register session.login session.resume session.logout contacts.list " \
        "conversation.history message.send conversation.mark_read typing conversation.search search " \
        "conversation.clear session.list session.revoke account.change_password presence.watch"
      count = split(names, list, " ")
      # A letter for each: 17 of them from "D" on, which is 4 times 17.
      for (i = 1; i <= count; i++) order[list[i]] = 67 + i
    }' docs/protocol.md
}

seed() {
  local target=$1 corpus=$corpora/$1
  mkdir -p "$corpus"
  case $target in
  requests) examples request "$corpus" "" ;;
  pushes) examples push "$corpus" "" ;;
  replies) examples reply "$corpus" 1 ;;
  pictures) cp Tests/TestSupport/Media/Files/*.{png,jpeg,gif,webp,bmp} "$corpus" ;;
  sounds) cp Tests/TestSupport/Media/Files/*.{mp3,wav,ogg,opus,flac,m4a} "$corpus" ;;
  *) ;;
  esac
  [ ! -d "Fuzz/Corpus/$target" ] || cp "Fuzz/Corpus/$target"/* "$corpus"
}

# Fuzzes one target. What is wrong with it is in the file `failed`, which is there until nothing is: this
# function may itself be killed.
run() {
  local target=$1 log=$found/$1/log arguments
  mkdir -p "$found/$target"
  echo "it did not end" >"$found/$target/failed"
  seed "$target"
  arguments=(-timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0)
  arguments+=(-artifact_prefix="$found/$target/" -max_total_time="$time" -runs="$runs")
  case $target in
  pictures | sounds) arguments+=(-max_len=65536) ;;
  *) arguments+=(-max_len=4096) ;;
  esac
  [ ! -f "Fuzz/Corpus/$target.dict" ] || arguments+=(-dict="Fuzz/Corpus/$target.dict")
  if [ -d "Fuzz/Regressions/$target" ] &&
    ! "$fuzzer" "$target" -timeout=10 "Fuzz/Regressions/$target"/* >"$log" 2>&1; then
    tail -n 30 "$log"
    echo "a regression" >"$found/$target/failed"
    return
  fi
  if "$fuzzer" "$target" "${arguments[@]}" "$corpora/$target" >"$log" 2>&1; then
    sed -n "s/^stat::number_of_executed_units: */$target: executions /p; s/^stat::average_exec_per_sec: */$target: per second /p; s/^stat::peak_rss_mb: */$target: megabytes /p" "$log"
    rm "$found/$target/failed"
  else
    tail -n 30 "$log"
    echo "an input" >"$found/$target/failed"
  fi
}

targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  read -ra targets <<<"$("$fuzzer" 2>&1 | sed 's/^Which target? //' || true)"
fi
say "Fuzzing, one target for each core"
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
  run "$target" &
done
wait
failed=()
for target in "${targets[@]}"; do
  [ ! -f "$found/$target/failed" ] || failed+=("$target ($(cat "$found/$target/failed"))")
done
[ ${#failed[@]} = 0 ] || fail "Found: ${failed[*]}; see $found."
