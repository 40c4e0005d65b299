#!/usr/bin/env bash
# Builds what is measured and what measures it, and prints tables. Arguments are those of
# Benchmarks/bench.py; with `peers` the XMPP servers that Martlet is measured beside are installed.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

Scripts/prepare.sh run
for argument in "$@"; do
  [ "$argument" = peers ] || continue
  # Nobody asked for them to run by themselves.
  policy=/usr/sbin/policy-rc.d
  if [ "$(id -u)" = 0 ] && ! [ -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  Scripts/packages.sh install ejabberd erlang-p1-pgsql prosody lua-dbi-postgresql
done
Scripts/build.sh martletd martlet >/dev/null
say "Building the load generator"
swift build -c release --package-path Benchmarks --scratch-path .build/benchmarks \
  --product martlet-load >&2
Benchmarks/bench.py "$@"
