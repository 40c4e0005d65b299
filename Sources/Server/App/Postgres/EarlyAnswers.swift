#if DEBUG
  import Glibc

  /// A lie, for the checker of docs/reliability.md to find out: messages are acknowledged a while before
  /// they are committed. It is told by builds for debugging only, and only when asked for; a release
  /// server has nothing of it.
  enum EarlyAnswers {
    private static let areGiven = getenv("MARTLET_TORTURE_ACK_BEFORE_COMMIT") != nil

    /// Makes what is stored next wait for ``commit(on:)``.
    static func begin(on connection: PostgresConnection) throws(PostgresError) {
      // What failed may have left a transaction.
      if areGiven { try connection.execute(sql: "ROLLBACK; BEGIN") }
    }

    /// Commits what was acknowledged meanwhile, if it is still there.
    static func commit(on connection: PostgresConnection?) {
      guard areGiven else { return }
      usleep(100_000)
      do throws(PostgresError) {
        try connection?.execute(sql: "COMMIT")
      } catch {
        // Lost, as is to be found out.
      }
    }
  }
#endif
