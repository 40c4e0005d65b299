#!/usr/bin/env bash
# Everything between a fresh clone and a conversation: packages, build, server, client.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/prepare.sh run
programs=$(Scripts/build.sh)
Scripts/server.sh start "$programs/martletd"
exec "$programs/martlet" --server "ws://127.0.0.1:$PORT"
