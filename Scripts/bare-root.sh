# shellcheck shell=bash
# For scripts that make a bare root of this machine's release, and change into it; sourced, after
# Scripts/say.sh. For root.
#
# What they do happens in namespaces of their own, of mounts, control groups and processes. These end with
# the script, however it ends, and all mounts and processes with them.

# Sets `release`, this machine's, and `mirror`, whence apt fetches its packages, or MIRROR.
find_release() {
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && printf '%s\n' "$VERSION_CODENAME")
  mirror=${MIRROR:-$(apt-get indextargets --format "\$(SITE) \$(RELEASE)" 'Created-By: Packages' |
    awk -v release="$release" '$2 == release { print $1; exit }')}
  [ -n "$mirror" ] || fail "apt does not say where $release is from. Give MIRROR=URL."
}

# Runs a command with a new directory as its last argument, in namespaces. The directory goes afterwards.
isolated() {
  [ "$(id -u)" = 0 ] || fail "This makes a root to change into, which only root may do."
  directory=$(mktemp -d /var/tmp/martlet-root-XXXXXX)
  child=
  trap discard EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  # mktemp's is closed to others, who are to enter.
  chmod 755 "$directory"
  # In the background, so that a signal is heard at once; and it dies with this shell.
  setpriv --pdeathsig KILL -- unshare --mount --propagation private --cgroup --pid --fork \
    --kill-child=KILL -- "$@" "$directory" &
  child=$!
  wait "$child"
  child=
}

discard() {
  if [ -n "$child" ]; then
    kill -KILL "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  # The mounts were in a namespace that has gone. Should one be here all the same, nothing is removed.
  if grep -qF " $directory/" /proc/self/mountinfo; then
    fail "Something is mounted below $directory, which stays."
  fi
  rm -rf --one-file-system "$directory"
}

# Puts a bare root of a release, fetched from a mirror, into a directory.
bootstrap() {
  local release=$1 mirror=$2 target=$3
  say "Making a root of $release from $mirror"
  mkdir -p "$target"
  debootstrap --variant=minbase "$release" "$target" "$mirror" >"$target/made.log" 2>&1 || {
    tail -n 20 "$target/made.log" >&2
    fail "debootstrap has failed."
  }
  rm "$target/made.log"
}
