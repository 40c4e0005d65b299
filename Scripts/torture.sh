#!/usr/bin/env bash
# Breaks everything under a conversation at random and checks that nothing was lost; docs/reliability.md
# says what that means. Takes the options of `martlet-torture run`; SEED, FAULTS, CLIENTS and NODES give
# the most common ones.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

Scripts/prepare.sh test
directory=$(Scripts/build.sh martletd martlet-torture)
options=(--faults "${FAULTS:-1000}" --clients "${CLIENTS:-6}" --nodes "${NODES:-1}")
[ -z "${SEED:-}" ] || options+=(--seed "$SEED")
exec "$directory/martlet-torture" run "${options[@]}" "$@"
