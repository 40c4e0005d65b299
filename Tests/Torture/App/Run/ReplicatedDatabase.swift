import Glibc
import Synchronization

/// A PostgreSQL with a synchronous standby: what the primary has said is committed, the standby has. When the
/// primary is killed, the standby is promoted, and what was the primary becomes its standby.
actor ReplicatedDatabase {
  private let arena: Arena
  private let primary: SharedPath
  private var standby: String
  /// Whether the standby has all that was committed, so that it may have to do.
  private var isReplicated = false

  /// Where the primary is, for others to look at.
  final class SharedPath: Sendable {
    private let path: Mutex<String>
    init(_ path: String) { self.path = Mutex(path) }
    var value: String {
      get { path.withLock { $0 } }
      set { path.withLock { $0 = newValue } }
    }
  }

  init(in arena: Arena) {
    self.arena = arena
    primary = SharedPath(arena.dataDirectory + "/pg1")
    standby = arena.dataDirectory + "/pg2"
  }

  /// The one that is written to.
  nonisolated var current: TrialDatabase {
    TrialDatabase(arena: arena) { [primary] in primary.value }
  }

  /// How libpq finds it, wherever it is.
  nonisolated var connectionString: String {
    let hosts = ["/pg1", "/pg2"].map { arena.dataDirectory + $0 }.joined(separator: ",")
    return "host=\(hosts) user=martlet dbname=martlet target_session_attrs=read-write"
  }

  func start() async throws {
    try await script("make", primary.value)
    try await attach()
  }

  /// Kills the primary and everything of it; `false` while there is no standby to take over.
  func killPrimary() -> Bool {
    guard isReplicated, let postmaster = current.postmaster else { return false }
    isReplicated = false
    // Its children, too: none commits anything when the standby has taken over.
    for process in [postmaster] + current.backends(of: postmaster) { kill(process, SIGKILL) }
    return true
  }

  /// Has the standby take over, and makes a standby of what was the primary.
  func failOver() async throws {
    try await script("promote", standby)
    (primary.value, standby) = (standby, primary.value)
    try await attach()
  }

  private func attach() async throws {
    try await script("follow", standby, primary.value)
    isReplicated = true
  }

  private func script(_ words: String...) async throws {
    let log = arena.path + "/replication.log"
    let shell = try ChildProcess("sh", ["-c", Self.steps, "sh"] + words, log: log)
    guard try await shell.waitUntilEnded(atMost: .seconds(120)), shell.hasSucceeded else {
      throw SystemFailure(because: "the database could not be told to \(words[0]); see \(log)")
    }
  }

  private static let steps = """
    set -eu
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    as_user() {
      if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups "$@"
      else
        "$@"
      fi
    }
    start() {
      (cd / && as_user "$bin/pg_ctl" start -w -t 60 -D "$1" -l "$1.log" \\
        -o "-c listen_addresses='' -c unix_socket_directories='$1' -c max_wal_size=128MB")
    }
    sql() { psql -X -q -v ON_ERROR_STOP=1 -h "$1" -U martlet -d postgres -c "$2"; }
    case $1 in
    make)
      mkdir -m 700 "$2"
      [ "$(id -u)" != 0 ] || chown postgres: "$2"
      touch "$2.log" && chmod 666 "$2.log"
      (cd / && as_user "$bin/initdb" -D "$2" -U martlet -A trust -E UTF8 --locale=C.UTF-8)
      start "$2"
      sql "$2" 'CREATE DATABASE martlet'
      ;;
    follow)
      rm -rf "$2"
      mkdir -m 700 "$2"
      [ "$(id -u)" != 0 ] || chown postgres: "$2"
      touch "$2.log" && chmod 666 "$2.log"
      (cd / && as_user "$bin/pg_basebackup" -h "$3" -U martlet -D "$2" -R -X stream -c fast)
      # The primary's, which lies in its directory.
      rm -f "$2"/.s.PGSQL.*
      start "$2"
      sql "$3" "ALTER SYSTEM SET synchronous_standby_names = '*'"
      sql "$3" 'SELECT pg_reload_conf()'
      until psql -X -q -A -t -h "$3" -U martlet -d postgres \\
        -c "SELECT sync_state FROM pg_stat_replication" | grep -qx sync; do
        sleep 0.1
      done
      ;;
    promote)
      # It has no standby of its own yet: nothing would ever be committed.
      echo "synchronous_standby_names = ''" >> "$2/postgresql.auto.conf"
      (cd / && as_user "$bin/pg_ctl" reload -D "$2" && as_user "$bin/pg_ctl" promote -w -D "$2")
      ;;
    esac
    """
}
