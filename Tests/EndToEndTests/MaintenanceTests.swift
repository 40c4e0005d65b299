import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Backup, restore, export and doctor, on a server with data.
@Suite struct MaintenanceTests {
  /// A pair that has exchanged a text and a picture.
  private func pairWithPicture() async throws -> (TestServer, Terminal, Terminal, [UInt8]) {
    let (server, alice, lilei) = try await Pair.make()
    let picture = try MediaFile.named("rgb.png").bytes()
    try Data(picture).write(to: URL(filePath: server.directory + "/会议 室.png"))
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("下午三点开会")
    try await lilei.waitFor("下午三点开会")
    try await alice.say("/send \(server.directory)/会议 室.png")
    try await lilei.waitFor("▣ 会议 室.png")
    return (server, alice, lilei, picture)
  }

  private func refusal(_ server: TestServer, _ words: String...) async throws -> String {
    do {
      return "done: " + (try await server.administer(words, input: ""))
    } catch let failure as Failure {
      return failure.description
    }
  }

  @Test func aBackupOfARunningServerIsRestoredIntoAnEmptyDirectoryAndTheTalkGoesOn() async throws {
    let (server, alice, lilei, picture) = try await pairWithPicture()
    let data = server.directory + "/data"
    let backup = server.directory + "/backup"
    #expect(try await server.administer("backup", "--to", backup).contains("1 files"))
    #expect(try await refusal(server, "backup", "--to", backup).contains("is there already"))
    // The disk is lost, and what was said since with it.
    try await lilei.say("after the backup")
    try await alice.waitFor("after the backup")
    try await server.stop()
    #expect(
      try await refusal(server, "restore", "--from", backup).contains("holds a server's data"))
    try await Machine.run("rm", ["-rf", data])
    try await alice.say("写在恢复时")

    #expect(try await server.administer("restore", "--from", backup).contains("with 1 files"))
    try await server.start()
    for terminal in [alice, lilei] {
      try await terminal.waitUntil("the restored conversation") { screen in
        screen.contains("下午三点开会") && screen.contains("写在恢复时")
          && !screen.contains("after the backup") && screen.contains("▣ 会议 室.png")
      }
    }
    let file = try FileManager.default.contentsOfDirectory(atPath: backup + "/attachments")[0]
    #expect(
      try Array(Data(contentsOf: URL(filePath: "\(data)/attachments/\(file)"))) == picture)
    try await server.stop()
  }

  @Test func aDamagedBackupIsRefusedAndNothingIsDone() async throws {
    let (server, _, _, _) = try await pairWithPicture()
    let (backup, data) = (server.directory + "/backup", server.directory + "/data")
    // Without a server, too.
    try await server.stop()
    try await server.administer("backup", "--to", backup)
    try await Machine.run("rm", ["-rf", data])
    let file = try FileManager.default.contentsOfDirectory(atPath: backup + "/attachments")[0]
    try await Machine.run(
      "sh", ["-c", "printf x | dd of='\(backup)/attachments/\(file)' bs=1 seek=60 conv=notrunc"])
    let words = try await refusal(server, "restore", "--from", backup)
    #expect(words.contains("is damaged, and nothing was done") && words.contains("\(file): FAILED"))
    #expect(access(data, F_OK) != 0)
    #expect(
      try await refusal(server, "restore", "--from", server.directory).contains("is no backup"))
    #expect(access(data, F_OK) != 0)
    #expect(
      try await refusal(server, "backup", "--to", backup + "2").contains("There is no server's"))
    // Nor does any other command make a database where there is none.
    #expect(try await refusal(server, "stats").contains("There is no server's data in \(data)"))
    #expect(access(data, F_OK) != 0)
  }

  @Test func aFileThatIsMissingIsSaidByTheDoctorAndTheBackup() async throws {
    let (server, _, _, _) = try await pairWithPicture()
    let files = server.directory + "/data/attachments"
    let file = try #require(
      try FileManager.default.contentsOfDirectory(atPath: files).first { $0 != "database" })
    try await Machine.run("mv", ["\(files)/\(file)", server.directory])
    let words = try await refusal(server, "backup", "--to", server.directory + "/backup")
    #expect(words.contains("The backup is made, but 1 files"))
    #expect(access(server.directory + "/backup/SHA256SUMS", R_OK) == 0)
    try await Machine.run("mv", [files, server.directory + "/elsewhere"])
    #expect(try await refusal(server, "doctor").contains("the database knows of files"))
    #expect(
      try await refusal(server, "backup", "--to", server.directory + "/none")
        .contains("name their directory with --attachments-directory"))
    #expect(
      try await refusal(server, "export", "--user", "alice", "--to", server.directory + "/all")
        .contains("name their directory with --attachments-directory"))
    try await server.stop()
  }

  @Test func aServerThatHangsIsSaid() async throws {
    let server = try await TestServer()
    try await server.pause()
    let words = try await refusal(server, "doctor")
    #expect(words.contains("WRONG") && words.contains("does not answer"))
    try await server.unpause()
    try await server.administer("doctor")
    try await server.stop()
  }

  @Test func aBackupThatFailsInTheMiddleLeavesNothing() async throws {
    let (server, _, _, _) = try await pairWithPicture()
    let programs = server.directory + "/programs"
    try await Machine.run("mkdir", [programs])
    // All that it needs but pg_dump.
    for name in ["rm", "sync", "sh", "sha256sum"] {
      try await Machine.run("sh", ["-c", "ln -s $(command -v \(name)) \(programs)/\(name)"])
    }
    let backup = server.directory + "/backup"
    let arguments = [
      "backup", "--to", backup + "/", "--data-directory", server.directory + "/data",
    ]
    await #expect(throws: Failure.self) {
      try await Machine.run(
        "env", ["PATH=\(programs)", try Machine.executable("martletd")] + arguments)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: server.directory)
    #expect(!left.contains { $0.hasPrefix("backup") })
    // The slash does not matter.
    try await Machine.run(try Machine.executable("martletd"), arguments)
    #expect(access(backup + "/SHA256SUMS", R_OK) == 0)
    try await server.stop()
  }

  @Test func whatOneAccountWroteIsExportedWithItsFiles() async throws {
    let (server, alice, _, picture) = try await pairWithPicture()
    let target = server.directory + "/export"
    #expect(
      try await server.administer("export", "--user", "李雷", "--to", target)
        == "\(target) has 2 messages.\n")
    let lines = try String(contentsOfFile: target + "/messages.jsonl", encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].contains(#""from":"alice""#) && lines[0].contains("下午三点开会"))
    #expect(lines[1].contains(#""name":"会议 室.png""#))
    let file = try #require(lines[1].firstMatch(of: /"file":"(attachments\/[0-9a-f-]+)"/)).1
    #expect(try Array(Data(contentsOf: URL(filePath: "\(target)/\(file)"))) == picture)
    let account = try String(contentsOfFile: target + "/account.json", encoding: .utf8)
    #expect(account.contains(#""name":"李雷""#) && !account.contains("password"))
    #expect(
      try await refusal(server, "export", "--user", "nobody", "--to", target + "2")
        .contains("Nobody is called 'nobody'."))
    #expect(access(target + "2", F_OK) != 0)
    // Beside it, all goes on.
    try await alice.say("and on")
    try await alice.waitFor("and on")
    try await server.stop()
  }

  @Test func theDoctorSaysWhatIsWrongAndMigrateThatNothingIs() async throws {
    let server = try await TestServer()
    let fine = try await server.administer("doctor")
    #expect(fine.contains("It runs.") && fine.contains("the newest") && !fine.contains("WRONG"))
    #expect(try await server.administer("migrate").contains("The database has schema"))
    try await server.stop()
    #expect(try await server.administer("doctor", "--json").contains(#""verdict" : "look""#))

    let data = server.directory + "/data"
    try #require(chmod(data, 0o777) == 0)
    let open = try await refusal(server, "doctor")
    #expect(open.contains("WRONG") && open.contains("Others may write to"))
    try #require(chmod(data, 0o711) == 0)
    let taken = try await TestServer()
    let port = try await refusal(server, "doctor", "--listen", "127.0.0.1:\(await taken.port)")
    #expect(port.contains("WRONG") && port.contains("Something else listens on"))
    let clear = try await refusal(server, "doctor", "--listen", "0.0.0.0:0")
    #expect(clear.contains("WRONG") && clear.contains("would let others read passwords"))
    try await taken.stop()
    let away = try await refusal(
      server, "doctor", "--database-url", "postgresql://127.0.0.1:1/nothing")
    #expect(away.contains("WRONG") && away.contains("database"))
  }
}
