#!/usr/bin/env bash
# Starts and stops a private server on loopback, with its own database, apart from the terminal.
#
#   server.sh start PROGRAM   starts PROGRAM, a martletd, unless one answers already; waits for it
#   server.sh stop            stops the one that this script started
#
# PORT and DATA say where: the port, and the directory of the database, the log and the process id.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/say.sh

readonly port=${PORT:?}
readonly data=${DATA:?}
readonly log=$data/martletd.log
readonly pid_file=$data/martletd.pid
# The first start makes a database cluster.
readonly patience=120

# The body of the answer to a GET on the server's port; fails when nothing or no success answers.
get() {
  local status line
  {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
  } 2>/dev/null
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" "$port" >&3
  IFS= read -r -t 5 status <&3 || status=
  while IFS= read -r -t 5 line <&3 && [ "$line" != $'\r' ]; do :; done
  # The body may end without a line end: read fails then, but has read it.
  IFS= read -r -t 5 -n 1000 line <&3 || true
  exec 3>&-
  printf '%s\n' "${line%$'\r'}"
  [[ $status == *' 200 '* ]]
}

is_listening() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

# Whether the process just launched still lives, whatever it is called until it is a martletd.
is_launched() { kill -0 "$(cat "$pid_file")" 2>/dev/null; }

# The process that this script started, if it still runs. A number alone may have been given to
# another process since.
running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [[ $(cat "/proc/$pid/comm" 2>/dev/null) == martletd ]] &&
    printf '%s\n' "$pid"
}

give_up() {
  [ ! -s "$log" ] || tail -n 20 "$log" >&2
  fail "$1 The log is $log."
}

launch() {
  say "Starting a private server on 127.0.0.1:$port (log: $log)"
  # Nobody else's to read.
  [ -e "$log" ] || (umask 077 && : >"$log")
  # Its own settings: those in /etc are an installed server's, which not everybody may read.
  [ -e "$data/martletd.conf" ] || : >"$data/martletd.conf"
  # Detached: it outlives this terminal and gets none of its signals.
  setsid "$1" serve --config "$data/martletd.conf" --listen "127.0.0.1:$port" \
    --data-directory "$data" --log-level info >>"$log" 2>&1 </dev/null 9>&- &
  printf '%s\n' "$!" >"$pid_file"
}

wait_until_ready() {
  local started=$SECONDS told=0
  until get /readyz >/dev/null; do
    is_launched || is_listening || give_up "The server has stopped."
    ((SECONDS - started < patience)) || give_up "The server is not ready: $(get /readyz || true)"
    ((SECONDS - started < 3 || told++)) || say "Waiting for the server to be ready"
    sleep 0.1
  done
}

start() {
  if [ "$(get /healthz)" != ok ]; then
    mkdir -p "$data"
    # Root's database runs as another user, who must be able to pass through.
    chmod "$([ "$(id -u)" = 0 ] && echo 711 || echo 700)" "$data"
    # Two terminals at once: the second waits, then finds the server of the first.
    exec 9>"$data/start.lock"
    flock 9
    if [ "$(get /healthz)" != ok ]; then
      ! is_listening || fail "Something that is not Martlet listens on port $port.
  Choose another port: make run PORT=7789"
      launch "$1"
    fi
    wait_until_ready
    exec 9>&-
  else
    wait_until_ready
  fi
  if running >/dev/null; then
    say "The server runs on 127.0.0.1:$port. Log: $log. To stop it: make stop"
  else
    say "A server was running on 127.0.0.1:$port already."
  fi
}

stop() {
  local pid
  pid=$(running) || {
    say "No server of this script's is running in $data."
    return
  }
  say "Stopping the server (process $pid)"
  kill -TERM "$pid"
  for _ in $(seq 300); do
    running >/dev/null || {
      rm -f "$pid_file"
      return
    }
    sleep 0.1
  done
  give_up "The server has not stopped within 30 s."
}

case ${1-} in
  start) start "$2" ;;
  stop) stop ;;
  *) fail "usage: server.sh start PROGRAM|stop" ;;
esac
