import Glibc
import TestSupport
import Testing

@testable import ServerApp

/// What becomes of a cluster when servers and databases are killed at any time.
@Suite(.serialized) struct PrivateClusterTests {
  /// A cluster whose creation had been cut short before, at a path that needs quoting.
  private static let subject = Task {
    let path = try TestDirectory.make("it's a data directory; true")
    try DataDirectory.makeDirectory(path + "/postgres.unfinished/base", mode: 0o700)
    close(open(path + "/postgres.unfinished/PG_VERSION", O_CREAT | O_WRONLY, 0o600))
    return try await TestCluster.start(in: path)
  }

  private func answers(_ cluster: TestCluster) -> Bool {
    do {
      try PostgresConnection(cluster.cluster.connectionString).execute(sql: "SELECT 1")
      return true
    } catch {
      return false
    }
  }

  @Test func anUnfinishedCreationIsCleanedUp() async throws {
    let cluster = try await Self.subject.value
    #expect(answers(cluster))
    #expect(access(cluster.path + "/postgres.unfinished", F_OK) != 0)
  }

  @Test func aClusterIsReachedThroughItsSocketOnly() async throws {
    let cluster = try await Self.subject.value
    try PostgresConnection(cluster.cluster.connectionString).execute(
      sql: "SELECT 1 / (current_setting('listen_addresses') = '')::int")
  }

  @Test func whatAKilledServerLeftRunningIsTakenOver() async throws {
    // A killed server does nothing: its database runs on, and a new server finds the directory.
    let cluster = try await Self.subject.value
    let postmaster = try cluster.postmaster()
    let successor = try await PrivateCluster(in: cluster.path, logger: .silent)
    try await successor.start()
    #expect(try cluster.postmaster() == postmaster)
    #expect(answers(cluster))
  }

  @Test func aClusterThatIsAboutToStopIsStartedAnew() async throws {
    let cluster = try await Self.subject.value
    let postmaster = try cluster.postmaster()
    // While somebody is connected, a smart shutdown only refuses others.
    var last: PostgresConnection? = try PostgresConnection(cluster.cluster.connectionString)
    kill(postmaster, SIGTERM)
    try await eventually("the database to refuse connections") {
      answers(cluster) ? nil : true
    }
    async let start: Void = PrivateCluster(in: cluster.path, logger: .silent).start()
    withExtendedLifetime(last) {}
    last = nil
    try await start
    #expect(answers(cluster))
    #expect(try cluster.postmaster() != postmaster)
  }

  @Test func aDeadClusterIsStartedAgain() async throws {
    let cluster = try await Self.subject.value
    let postmaster = try cluster.postmaster()
    kill(postmaster, SIGKILL)
    try await eventually("the postmaster to die") { kill(postmaster, 0) == 0 ? nil : true }
    // Its other processes may take a moment to notice, and hold the memory until then.
    try await eventually("the cluster to start again") {
      do {
        try await cluster.cluster.restartIfDead()
        return true
      } catch {
        return nil
      }
    }
    #expect(answers(cluster))
  }

  @Test func aLivingClusterIsLeftAlone() async throws {
    let cluster = try await Self.subject.value
    let postmaster = try cluster.postmaster()
    try await cluster.cluster.restartIfDead()
    #expect(try cluster.postmaster() == postmaster)
  }

  // MARK: What cannot be

  private func refusal(in path: String) async -> String? {
    do {
      try DataDirectory.makeDirectory(path, mode: 0o711)
      _ = try await PrivateCluster(in: path, logger: .silent)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func aPathTooLongForASocketIsRefused() async throws {
    let path = try TestDirectory.make(String(repeating: "x", count: 90))
    #expect(await refusal(in: path)?.contains("too long") == true)
  }

  @Test(arguments: [",", "\"", "$", "`", "\\"])
  func aPathThatPostgreSQLDoesNotBearIsRefused(_ character: String) async throws {
    let path = try TestDirectory.make("a\(character)b")
    #expect(await refusal(in: path)?.contains("characters") == true)
  }

  @Test func aClusterOfAnotherVersionNamesWhatIsMissing() async throws {
    let path = try TestDirectory.make()
    try DataDirectory.makeDirectory(path + "/postgres", mode: 0o700)
    let file = open(path + "/postgres/PG_VERSION", O_CREAT | O_WRONLY, 0o600)
    guard write(file, "14\n", 3) == 3, close(file) == 0 else { throw Failure("cannot write") }
    #expect(await refusal(in: path)?.contains("PostgreSQL 14") == true)
  }

  @Test func aFileThatIsNoVersionIsRefused() async throws {
    let path = try TestDirectory.make()
    try DataDirectory.makeDirectory(path + "/postgres", mode: 0o700)
    close(open(path + "/postgres/PG_VERSION", O_CREAT | O_WRONLY, 0o600))
    #expect(await refusal(in: path)?.contains("does not hold a version") == true)
  }
}
