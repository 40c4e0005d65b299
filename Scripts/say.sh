# shellcheck shell=bash
# How the scripts speak: progress to standard error, so that output can be piped; sourced.

say() { printf '==> %s\n' "$*" >&2; }

# Says what is wrong and what to do about it, and gives up.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
