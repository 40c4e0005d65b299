#!/usr/bin/env bash
# Installs the packages in a bare root of this machine's release, without a toolchain, has two people
# converse there, and upgrades, removes and purges the packages. Then it boots the root, and has systemd
# start, restart and stop the server as packages come and go. For root.
#
#   deb-test.sh                        builds the packages first
#   deb-test.sh MARTLET.deb MARTLETD.deb
#
# MIRROR is where the root is fetched from, by default whence apt fetches this machine's packages. What
# happens after the installing happens in a network of its own, too; see Scripts/bare-root.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh
. Scripts/bare-root.sh

readonly self=$PWD/Scripts/deb-test.sh
readonly patience=60

# MARK: Outside

outside() {
  local packages
  Scripts/packages.sh install debootstrap systemd-container
  packages=("$@")
  [ $# != 0 ] || mapfile -t packages < <(Scripts/deb.sh)
  [ ${#packages[@]} = 2 ] || fail "usage: deb-test.sh [MARTLET.deb MARTLETD.deb]"
  find_release
  isolated "$self" --inside "$release" "$mirror" "${packages[@]}"
  say "The packages are as they should be."
}

# MARK: Inside

# Runs a program in the root; its own variables only.
within() {
  if [ "$root" = / ]; then
    "$@"
    return
  fi
  chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LC_ALL=C.UTF-8 TERM=xterm-256color DEBIAN_FRONTEND=noninteractive "$@"
}

# The same as a user, whose home it has.
as() {
  local user=$1 home
  home=$(within getent passwd "$user" | cut -d: -f6)
  shift
  within setpriv --reuid="$user" --regid="$user" --init-groups env HOME="$home" USER="$user" "$@"
}

# Says what is expected, and fails when a command fails.
expect() {
  local output
  say "  $1"
  shift
  output=$("$@" 2>&1) || fail "That is not so: $*
$output"
}

# Whether a command prints a line that fits a pattern.
prints() {
  local output
  output=$("${@:2}" 2>&1) || true
  grep -q -- "$1" <<<"$output" || {
    printf '%s\n' "$output"
    return 1
  }
}

without() { ! "$@" >/dev/null 2>&1; }

make_root() {
  bootstrap "$1" "$2" "$root"
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=620 devpts "$root/dev/pts"
  ln -sf pts/ptmx "$root/dev/ptmx"
  # Nothing is started by being installed.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
}

apt() {
  within apt-get -qq -y -o Dpkg::Use-Pty=0 "$@" >"$root/tmp/apt.log" 2>&1 || {
    tail -n 30 "$root/tmp/apt.log" >&2
    fail "apt-get $* has failed."
  }
}

install_packages() {
  say "Installing what the test needs, and the packages"
  cp "$1" "$root/tmp/martlet.deb"
  cp "$2" "$root/tmp/martletd.deb"
  apt update
  apt install --no-install-recommends bash-completion iproute2 man-db procps tmux
  # What draws pictures and opens files brings half a desktop; a database is needed.
  apt install --no-install-recommends /tmp/martlet.deb
  apt install /tmp/martletd.deb
}

check_files() {
  say "What is installed"
  expect "there is no toolchain" without within sh -c 'command -v swift || ls /usr/lib/swift'
  expect "the client starts" prints '^martlet 0' within martlet --version
  expect "the server starts" prints '^martletd 0' within martletd --version
  expect "manual pages are found" within sh -c 'man -w 1 martlet >/dev/null && man -w 8 martletd >/dev/null'
  expect "and shown" prints "server of Martlet" within man martletd
  # shellcheck disable=SC2016
  expect "bash completes" within bash -c '. /usr/share/bash-completion/bash_completion
    _completion_loader martletd
    COMP_WORDS=(martletd us) COMP_CWORD=1 COMP_LINE="martletd us" COMP_POINT=11
    _martletd martletd us martletd
    [ "${COMPREPLY[*]}" = user ]'
  expect "the settings are the server's to read" \
    is_settings_file "root:martlet 640"
  expect "the data directory is the server's alone" \
    [ "$(within stat -c '%U:%G %a' /var/lib/martlet)" = "martlet:martlet 700" ]
  expect "the unit is enabled" \
    within test -L /etc/systemd/system/multi-user.target.wants/martletd.service
}

is_settings_file() { [ "$(within stat -c '%U:%G %a' /etc/martlet/martletd.conf)" = "$1" ]; }

# Waits until a command is content; fails when it is not in a minute.
wait_for() {
  local until=$((SECONDS + patience))
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.2
  done
}

start_server() {
  local command
  # As the unit starts it.
  read -ra command < <(sed -n 's/^ExecStart=//p' "$root"/{usr/,}lib/systemd/system/martletd.service 2>/dev/null)
  say "The server is started: ${command[*]}"
  # shellcheck disable=SC2016
  as martlet sh -c 'echo $$ >/tmp/martletd.pid; exec "$@"' - "${command[@]}" \
    >"$root/tmp/martletd.log" 2>&1 &
  server=$!
  wait_for is_ready || {
    tail -n 20 "$root/tmp/martletd.log" >&2
    fail "The server is not ready."
  }
}

is_ready() {
  # shellcheck disable=SC2016
  within bash -c '{ exec 3<>/dev/tcp/127.0.0.1/7788; } 2>/dev/null || exit 1
    printf "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" >&3
    read -r _ status _ <&3
    [ "$status" = 200 ]'
}

stop_server() {
  local status=0
  kill -TERM "$(cat "$root/tmp/martletd.pid")"
  wait "$server" || status=$?
  expect "the server stops well" [ "$status" = 0 ]
}

tmux_of() {
  local user=$1
  shift
  as "$user" tmux -L "$user" -f /dev/null "$@"
}

shows() { tmux_of "$1" capture-pane -p | grep -qF -- "$2"; }

see() {
  wait_for shows "$1" "$2" || {
    tmux_of "$1" capture-pane -p >&2
    fail "Waited in vain for '$2' on the screen of $1, which is above."
  }
}

type_text() { tmux_of "$1" send-keys -l -- "$2"; }

press() { tmux_of "$1" send-keys "$2"; }

register() {
  local user=$1
  within useradd --create-home --user-group "$user"
  tmux_of "$user" new-session -d -x 100 -y 30 martlet
  see "$user" "Sign in"
  press "$user" F2
  see "$user" "New account"
  type_text "$user" "$user"
  press "$user" Tab
  type_text "$user" "correct horse battery"
  press "$user" Tab
  type_text "$user" "correct horse battery"
  press "$user" Enter
  see "$user" "● connected"
}

say_line() {
  type_text "$1" "$2"
  press "$1" Enter
}

# Has two people, who have no account yet, talk, and one of them send a picture.
converse() {
  local one=$1 other=$2
  say "  $one and $other converse"
  register "$one"
  register "$other"
  see "$one" "$other"
  say_line "$one" "/msg $other"
  see "$one" "No messages yet"
  say_line "$one" "早上好, $other"
  see "$other" "1 unread"
  say_line "$other" "/msg $one"
  see "$other" "早上好, $other"
  see "$one" "✓✓"
  say_line "$other" "good morning 👍"
  see "$one" "good morning 👍"
  install -m 644 Tests/TestSupport/Media/Files/rgb.png "$root/tmp/rgb.png"
  say_line "$one" "/send /tmp/rgb.png"
  see "$other" "rgb.png"
  say_line "$other" "/save"
  wait_for within sh -c "cmp -s /tmp/rgb.png /home/$other/Downloads/rgb.png" ||
    fail "The picture has not arrived."
  tmux_of "$one" capture-pane -p | sed 's/ *$//; /^│[ │]*│$/d' >&2
  tmux_of "$one" kill-server
  tmux_of "$other" kill-server
}

administer() {
  say "An operator looks"
  expect "root lists the accounts" prints ' alice ' within martletd user list
  expect "so does the server's own user" prints ' bob ' as martlet martletd user list
  # Older ones have no doctor.
  if prints "^  doctor " within martletd --help >/dev/null; then
    expect "the doctor finds nothing wrong" as martlet martletd doctor
  fi
}

upgrade() {
  say "An upgrade"
  local work=$root/tmp/newer
  within dpkg-deb -R /tmp/martletd.deb /tmp/newer
  sed -i 's/^Version: .*/&.newer/' "$work/DEBIAN/control"
  printf '\n# Said by a newer package.\n' >>"$work/etc/martlet/martletd.conf"
  within dpkg-deb --root-owner-group -b /tmp/newer /tmp/newer.deb >/dev/null
  printf 'MARTLET_REGISTRATION=closed\n' >>"$root/etc/martlet/martletd.conf"
  apt -o Dpkg::Options::=--force-confold install /tmp/newer.deb
  expect "the newer is installed" prints newer within dpkg-query -W martletd
  expect "what an administrator has set stays" \
    grep -qx MARTLET_REGISTRATION=closed "$root/etc/martlet/martletd.conf"
  expect "and is the server's to read still" is_settings_file "root:martlet 640"
  start_server
  expect "and what people have is there" prints ' alice ' within martletd user list
  stop_server
}

remove() {
  local files left
  files=$(within dpkg-query -L martlet martletd)
  say "A removal"
  apt remove martlet martletd
  expect "the programs have gone" without within sh -c 'command -v martlet || command -v martletd'
  expect "the settings stay" within test -f /etc/martlet/martletd.conf
  say "A purge"
  apt purge martlet martletd
  expect "the settings have gone" without within test -e /etc/martlet
  expect "the data stay" within test -f /var/lib/martlet/postgres/PG_VERSION
  expect "and that is said" grep -q "stay in /var/lib/martlet" "$root/tmp/apt.log"
  # Directories that others have, too, may stay.
  left=$(while read -r file; do
    if within test -f "$file"; then printf '%s\n' "$file"; fi
  done <<<"$files")
  left+=$(within find / -xdev \( -path /var/lib/martlet -o -path /var/cache/man -o -path /tmp -o -path /home \) -prune -o \
    \( -name '*martlet*' -o -user martlet \) -print)
  expect "nothing else stays" [ -z "$left" ]
}

inside() {
  root=$5
  make_root "$1" "$2"
  install_packages "$3" "$4"
  check_files
  # From here on nobody needs the world, and the server's port is this root's alone.
  exec unshare --net -- "$self" --inside-alone "$root"
}

inside_alone() {
  root=$1
  within ip link set lo up
  start_server
  converse alice bob
  administer
  stop_server
  upgrade
  remove
  boot
}

# MARK: Booted

boot() {
  say "The root is booted"
  # In the namespaces of this script, like all the rest.
  umount -R /sys/fs/cgroup 2>/dev/null || true
  mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || {
    say "  There are no control groups to be had here. What systemd does was not looked at."
    return
  }
  mount -t tmpfs -o mode=755 tmpfs /run
  mount -t proc proc /proc
  mkdir "$root/root/packages"
  cp -r --parents Scripts Tests/TestSupport/Media/Files "$root/root/"
  cp "$root"/tmp/*.deb "$root/root/packages/"
  printf '%s\n' "[Unit]" "SuccessAction=poweroff" "FailureAction=poweroff" \
    "[Service]" "Type=oneshot" "ExecStart=/root/Scripts/deb-test.sh --booted" \
    "StandardOutput=append:/root/test.log" "StandardError=append:/root/test.log" \
    "[Install]" "WantedBy=multi-user.target" >"$root/etc/systemd/system/deb-test.service"
  within systemctl --quiet enable deb-test.service
  # Its own, so that what it is told is obeyed at once.
  rm "$root/usr/sbin/policy-rc.d"
  umount --lazy "$root"/dev/{shm,pts} "$root/proc"
  timeout 300 systemd-nspawn --quiet --directory "$root" --register=no --keep-unit \
    --resolv-conf=off --console=pipe --boot </dev/null >"$root/root/console.log" 2>&1 || true
  cat "$root/root/test.log" >&2 || cat "$root/root/console.log" >&2
  [ -e "$root/root/passed" ] || fail "That is not so. The words above say what."
}

is_active() { systemctl --quiet is-active martletd; }

property() { systemctl show --value --property "$1" martletd; }

has_restarted() { [ "$(property NRestarts)" = 1 ] && is_active; }

# The database's processes are the server's user's, too.
has_processes() { pgrep --uid martlet >/dev/null; }

booted() {
  local process
  root=/
  trap '[ $? = 0 ] || journalctl --no-pager --lines 40 --unit martletd' EXIT
  export DEBIAN_FRONTEND=noninteractive HOME=/root LC_ALL=C.UTF-8 TERM=xterm-256color
  expect "the packages are installed" dpkg --install /root/packages/{martlet,martletd}.deb
  expect "the server was started by that" is_active
  expect "and is ready" wait_for is_ready
  expect "it has what an earlier one has left" prints ' alice ' martletd user list
  expect "it listens on this machine only" \
    [ "$(ss --listening --tcp --no-header --numeric | awk '/:7788/ { print $4 }')" = 127.0.0.1:7788 ]
  expect "it reads its settings again" systemctl reload martletd
  expect "and serves still" is_ready
  process=$(property MainPID)
  expect "a newer package is installed" dpkg --install /root/packages/newer.deb
  expect "the server is another" [ "$(property MainPID)" != "$process" ]
  expect "and is ready, too" wait_for is_ready
  expect "none had to be started again" [ "$(property NRestarts)" = 0 ]
  expect "the package is removed" dpkg --remove martletd
  expect "the server was stopped by that" without is_active
  expect "and nothing of it runs" without has_processes
  expect "the package is purged" dpkg --purge martletd
  expect "the data stay" test -f /var/lib/martlet/postgres/PG_VERSION

  mv /var/lib/martlet /root/data
  expect "the package is installed without data" dpkg --install /root/packages/martletd.deb
  expect "the server makes a database, and is ready" wait_for is_ready
  converse carol dave
  process=$(property MainPID)
  expect "the server is killed" kill -KILL "$process"
  expect "it is started again" wait_for has_restarted
  expect "and is ready" wait_for is_ready
  expect "it has what there was" prints ' carol ' martletd user list
  touch /root/passed
}

case ${1-} in
  --inside) inside "${@:2}" ;;
  --inside-alone) inside_alone "$2" ;;
  --booted) booted ;;
  *) outside "$@" ;;
esac
