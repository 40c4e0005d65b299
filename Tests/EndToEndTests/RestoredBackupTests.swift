import Testing

/// The server's database is put back to a backup under two clients that go on.
@Suite struct RestoredBackupTests {
  @Test func bothClientsShowWhatTheBackupHasAndSendWhatWasNotStored() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("in the backup")
    try await lilei.waitFor("in the backup")
    let directory = server.directory
    let database = ["-h", "\(directory)/data/postgres", "-U", "martlet"]
    let dump = "\(directory)/dump.sql"
    try await Machine.run("pg_dump", database + ["-f", dump, "martlet"])
    // Stored and acknowledged, and gone with the restore.
    try await alice.say("after the backup")
    try await lilei.waitFor("after the backup")

    let away = ["-c", "DROP DATABASE martlet WITH (FORCE)", "-c", "CREATE DATABASE martlet"]
    try await Machine.run("psql", database + ["-q", "-d", "postgres"] + away)
    // Nobody can take it yet.
    try await alice.say("写在恢复时")
    try await alice.waitFor("写在恢复时", "…")
    let load = ["-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", "martlet", "-f", dump]
    try await Machine.run("psql", database + load)

    for terminal in [alice, lilei] {
      try await terminal.waitUntil("the restored conversation") { screen in
        screen.contains("in the backup") && screen.contains("写在恢复时")
          && !screen.contains("after the backup")
      }
      let screen = try await terminal.screen()
      #expect(screen.ranges(of: "写在恢复时").count == 1)
      #expect(screen.ranges(of: "in the backup").count == 1)
    }
    try await alice.waitUntil("the acknowledgement") { !$0.contains("…") }
    try await lilei.say("and on")
    try await alice.waitFor("in the backup", "写在恢复时", "and on")
    try await server.stop()
  }
}
