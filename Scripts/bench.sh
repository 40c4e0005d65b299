#!/usr/bin/env bash
# Builds what is measured and what measures it, and prints tables. Arguments are those of
# Benchmarks/bench.py. What Martlet is measured beside is installed: nginx and WeeChat, and with `peers` the
# XMPP servers.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

Scripts/prepare.sh run
# Nobody asked for servers to run by themselves.
policy=/usr/sbin/policy-rc.d
if [ "$(id -u)" = 0 ] && ! [ -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
packages=(curl nginx-light openssl python3 weechat-curses)
for argument in "$@"; do
  [ "$argument" = peers ] && packages+=(ejabberd erlang-p1-pgsql prosody lua-dbi-postgresql)
done
Scripts/packages.sh install "${packages[@]}"
Scripts/build.sh martletd martlet >/dev/null
say "Building the load generator"
swift build -c release --package-path Benchmarks --scratch-path .build/benchmarks \
  --product martlet-load >&2
Benchmarks/bench.py "$@"
