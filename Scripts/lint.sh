#!/usr/bin/env bash
# Checks the form of the Swift sources, and of the scripts where shellcheck is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

swift format lint --strict --parallel --recursive Sources Tests Fuzz Package.swift \
  Benchmarks/Sources Benchmarks/Tests Benchmarks/Package.swift
if command -v shellcheck >/dev/null; then
  shellcheck Scripts/*.sh .ci/run
else
  say "shellcheck is not installed: the scripts were not checked"
fi
