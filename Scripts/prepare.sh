#!/usr/bin/env bash
# Makes sure of a toolchain and of the system packages for a purpose: `run` or `test`.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/toolchain.sh find
Scripts/packages.sh "$1"
Scripts/toolchain.sh check
