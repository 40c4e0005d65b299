import MartletProtocol
import ServerCore
import Testing

@testable import ServerApp

@Suite struct SessionStoreTests {
  private let hash: [UInt8] = Array(0..<32)

  @Test func aTokenNamesItsSession() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let session = try await database.store.createSession(
        user: alice, tokenHash: hash, device: "thinkpad")
      #expect(
        try await database.store.session(withTokenHash: hash)
          == SignedIn(user: User(id: alice, name: "alice"), session: session))
      #expect(try await database.store.session(withTokenHash: [1, 2, 3]) == nil)
    }
  }

  @Test func anEndedSessionIsGoneAndMayBeEndedAgain() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let session = try await database.store.createSession(
        user: alice, tokenHash: hash, device: "")
      for _ in 1...2 { try await database.store.endSession(session) }
      #expect(try await database.store.session(withTokenHash: hash) == nil)
    }
  }

  @Test func creatingTwiceMakesOneSession() async throws {
    // A connection lost at the wrong moment has a store do its work twice.
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      var sessions: Set<SessionID> = []
      for _ in 1...2 {
        sessions.insert(
          try await database.store.createSession(user: alice, tokenHash: hash, device: ""))
      }
      #expect(sessions.count == 1)
    }
  }

  @Test func sessionsExpire() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      _ = try await database.store.createSession(user: alice, tokenHash: hash, device: "")
      try database.execute("UPDATE sessions SET expires_at = now() - interval '1 second'")
      #expect(try await database.store.session(withTokenHash: hash) == nil)
    }
  }

  @Test func useProlongsASession() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      _ = try await database.store.createSession(user: alice, tokenHash: hash, device: "")
      try database.execute("UPDATE sessions SET expires_at = now() + interval '1 hour'")
      _ = try await database.store.session(withTokenHash: hash)
      #expect(
        try database.holds("(SELECT expires_at FROM sessions) > now() + interval '89 days'"))
    }
  }

  @Test func useWritesNothingWithinADay() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      _ = try await database.store.createSession(user: alice, tokenHash: hash, device: "")
      try database.execute("UPDATE sessions SET expires_at = now() + interval '89 days 12 hours'")
      _ = try await database.store.session(withTokenHash: hash)
      #expect(
        try database.holds(
          "(SELECT expires_at FROM sessions) < now() + interval '89 days 13 hours'"))
    }
  }
}
