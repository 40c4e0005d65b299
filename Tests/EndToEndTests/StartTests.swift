import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// What keeps a server from starting is one sentence and a status, and nothing is left behind.
@Suite struct StartTests {
  /// Starts a server that is not to start, and gives the last line of what it said.
  private func refusal(_ arguments: [String]) async throws -> String {
    do {
      try await Machine.run(
        "timeout", ["60", try Machine.executable("martletd"), "serve"] + arguments)
    } catch let failure as Failure {
      return failure.description.split(separator: "\n").last.map(String.init) ?? ""
    }
    throw Failure("it has started")
  }

  private func directory() async throws -> String {
    let path = try Machine.temporaryDirectory()
    try await Machine.whenGone("rm -rf \(path)")
    return path
  }

  private func hasPostmaster(in data: String) -> Bool {
    access(data + "/postgres/postmaster.pid", F_OK) == 0
  }

  @Test func aPortThatIsTaken() async throws {
    let server = try await TestServer()
    let data = try await directory() + "/data"
    let words = try await refusal(
      ["--listen", "127.0.0.1:\(server.port)", "--data-directory", data])
    #expect(words.contains("Something else listens on 127.0.0.1:\(await server.port)"))
    #expect(access(data, F_OK) != 0)
    // The other one has not noticed.
    try await server.administer("doctor")
    try await server.stop()
  }

  @Test func aPortForMeasuresThatIsTakenAndOneThatIsNowhere() async throws {
    let server = try await TestServer()
    let data = try await directory() + "/data"
    let common = ["--data-directory", data, "--listen"]
    let taken = try await refusal(
      common + ["127.0.0.1:0", "--metrics-listen", "127.0.0.1:\(server.port)"])
    #expect(taken.contains("choose another --metrics-listen"))
    let nowhere = try await refusal(common + ["192.0.2.9:7788", "--allow-plaintext"])
    #expect(nowhere.contains("Cannot listen on 192.0.2.9:7788: Cannot assign requested address."))
    let unknown = try await refusal(common + ["host.invalid:7788", "--allow-plaintext"])
    #expect(unknown.contains("there is no such host"))
    let nonsense = try await refusal(common + ["127.0.0.1:0", "--database-url", "hosst=x"])
    #expect(nonsense.contains("no connection string of PostgreSQL"))
    // Before anything was made.
    #expect(access(data, F_OK) != 0)
    try await server.stop()
  }

  @Test func aSecondServerOnADirectory() async throws {
    let server = try await TestServer()
    let words = try await refusal(
      ["--listen", "127.0.0.1:0", "--data-directory", server.directory + "/data"])
    #expect(words.contains("Another martletd is using \(server.directory)/data"))
    try await server.administer("doctor")
    try await server.stop()
  }

  @Test func aDatabaseThatIsMissingAndOneThatLetsNobodyIn() async throws {
    // Its private cluster is the database server here.
    let server = try await TestServer()
    let socket = server.directory + "/data/postgres"
    let data = try await directory() + "/data"
    let common = ["--listen", "127.0.0.1:0", "--data-directory", data, "--database-url"]
    let missing = try await refusal(common + ["host=\(socket) user=martlet dbname=nothing"])
    #expect(missing.contains("The database refuses this server"))
    #expect(missing.contains("\\\"nothing\\\" does not exist"))
    let stranger = try await refusal(common + ["host=\(socket) user=nobody dbname=martlet"])
    #expect(stranger.contains("The database refuses this server"))
    // Neither keeps the directory.
    try await Machine.run(
      "flock", ["--nonblock", data + "/lock", "true"])
    try await server.stop()
  }

  @Test func aDatabaseOfANewerServer() async throws {
    let server = try await TestServer()
    let data = server.directory + "/data"
    try await Machine.run(
      "psql",
      [
        "-q", "-h", data + "/postgres", "-U", "martlet", "-d", "martlet", "-c",
        "INSERT INTO schema_migrations (number) VALUES (1000)",
      ])
    try await server.stop()
    let words = try await refusal(["--listen", "127.0.0.1:0", "--data-directory", data])
    #expect(words.contains("schema 1000, made by a newer martletd"))
    #expect(!hasPostmaster(in: data))
  }

  @Test func aCertificateThatHasExpired() async throws {
    let certificate = try TestCertificate.server(days: -1)
    let data = try await directory() + "/data"
    let words = try await refusal([
      "--listen", "127.0.0.1:0", "--data-directory", data, "--tls-certificate",
      certificate.certificate, "--tls-key", certificate.key,
    ])
    #expect(words.contains("expired on"))
    #expect(access(data, F_OK) != 0)
  }

  @Test(.enabled(if: getuid() == 0, "mounting takes root"))
  func aDiskThatIsFullAndOneThatIsReadOnly() async throws {
    let path = try await directory()
    try await Machine.whenGone("umount \(path)/disk; sleep 1")
    try await Machine.run("mkdir", [path + "/disk"])
    try await Machine.run(
      "mount", ["-t", "tmpfs", "-o", "size=8m,mode=711", "martlet-test", path + "/disk"])
    let common = ["--listen", "127.0.0.1:0", "--data-directory", path + "/disk/data"]
    let full = try await refusal(common)
    #expect(full.contains("No space left on device"))
    #expect(!hasPostmaster(in: path + "/disk/data"))
    try await Machine.run("mount", ["-o", "remount,ro", path + "/disk"])
    let readOnly = try await refusal(common)
    #expect(readOnly.contains("Read-only file system"))
    try await Machine.run("umount", [path + "/disk"])
  }
}
