import MartletProtocol
import ServerCore
import Testing

@testable import ServerApp

@Suite struct SessionStoreTests {
  private let hash: [UInt8] = Array(0..<32)

  @Test func aTokenNamesItsSession() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let session = try await database.session(of: alice, hash, device: "thinkpad")
      #expect(
        try await database.store.session(withTokenHash: hash)
          == SignedIn(user: User(id: alice, name: "alice"), session: session))
      #expect(try await database.store.session(withTokenHash: [1, 2, 3]) == nil)
    }
  }

  @Test func anEndedSessionIsGoneAndMayBeEndedAgain() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let session = try await database.session(of: alice, hash, device: "")
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
          try await database.session(of: alice, hash, device: ""))
      }
      #expect(sessions.count == 1)
    }
  }

  @Test func sessionsExpire() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      _ = try await database.session(of: alice, hash, device: "")
      try database.execute("UPDATE sessions SET expires_at = now() - interval '1 second'")
      #expect(try await database.store.session(withTokenHash: hash) == nil)
    }
  }

  @Test func useProlongsASession() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      _ = try await database.session(of: alice, hash, device: "")
      try database.execute("UPDATE sessions SET expires_at = now() + interval '1 hour'")
      _ = try await database.store.session(withTokenHash: hash)
      #expect(
        try database.holds("(SELECT expires_at FROM sessions) > now() + interval '89 days'"))
    }
  }

  @Test func useWritesNothingWithinADay() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      _ = try await database.session(of: alice, hash, device: "")
      try database.execute("UPDATE sessions SET expires_at = now() + interval '89 days 12 hours'")
      _ = try await database.store.session(withTokenHash: hash)
      #expect(
        try database.holds(
          "(SELECT expires_at FROM sessions) < now() + interval '89 days 13 hours'"))
    }
  }

  @Test func useIsNotedOncePerHour() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      try await database.session(of: alice, hash)
      for (ago, isNoted) in [("59 minutes", false), ("61 minutes", true)] {
        try database.execute("UPDATE sessions SET last_used_at = now() - interval '\(ago)'")
        _ = try await database.store.session(withTokenHash: hash)
        let noted = try database.holds(
          "(SELECT last_used_at FROM sessions) > now() - interval '1 minute'")
        #expect(noted == isNoted)
      }
    }
  }

  @Test func livingSessionsAreListedByTheirUse() async throws {
    try await TestDatabase.with { database in
      let (alice, bob) = (try await database.user("alice"), try await database.user("bob"))
      var sessions: [SessionID] = []
      for number in UInt8(1)...3 {
        sessions.append(try await database.session(of: alice, [number], device: "d\(number)"))
      }
      try await database.session(of: bob, [9])
      try database.execute(
        """
        UPDATE sessions SET last_used_at = now() - id % 2 * interval '1 hour';
        UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = \(sessions[2]);
        """)
      let listed = try await database.store.sessions(of: alice)
      #expect(listed.map(\.id) == [sessions[1], sessions[0]])
      #expect(listed.map(\.device) == ["d2", "d1"])
    }
  }

  @Test func onlyOnesOwnSessionsCanBeEnded() async throws {
    try await TestDatabase.with { database in
      let (alice, bob) = (try await database.user("alice"), try await database.user("bob"))
      let session = try await database.session(of: alice, hash)
      #expect(try await !database.store.endSession(session, of: bob))
      #expect(try await database.store.session(withTokenHash: hash) != nil)
      #expect(try await database.store.endSession(session, of: alice))
      #expect(try await !database.store.endSession(session, of: alice))
      #expect(try await database.store.session(withTokenHash: hash) == nil)
    }
  }

  // MARK: Passwords

  @Test func aChangedPasswordEndsAllOtherSessions() async throws {
    try await TestDatabase.with { database in
      let (alice, bob) = (try await database.user("alice"), try await database.user("bob"))
      let kept = try await database.session(of: alice, [1])
      let ended = [
        try await database.session(of: alice, [2]), try await database.session(of: alice, [3]),
      ]
      try await database.session(of: bob, [4])
      let answer = try await database.store.changePassword(
        of: alice, from: "hash", to: "new", keeping: kept)
      #expect(answer?.sorted() == ended)
      #expect(try await database.store.credentials(ofName: "alice")?.passwordHash == "new")
      #expect(
        try database.holds(
          "(SELECT array_agg(token_hash ORDER BY id) FROM sessions) = ARRAY['\\x01', '\\x04']::bytea[]"
        ))
    }
  }

  @Test func aPasswordThatHasChangedMeanwhileChangesNothing() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let kept = try await database.session(of: alice, [1])
      try await database.session(of: alice, [2])
      let answer = try await database.store.changePassword(
        of: alice, from: "older", to: "new", keeping: kept)
      #expect(answer == nil)
      #expect(try database.holds("(SELECT count(*) FROM sessions) = 2"))
    }
  }

  @Test func whoSignsInWhileThePasswordChangesIsLate() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let change = try database.connection()
      try change.execute(sql: "BEGIN; UPDATE users SET password_hash = 'new'")
      let late = Task {
        try await database.store.createSession(
          user: alice, passwordHash: "hash", tokenHash: hash, device: "")
      }
      try await database.somebodyWaitsForALock()
      try change.execute(sql: "COMMIT")
      #expect(try await late.value == nil)
      #expect(try database.holds("NOT EXISTS (SELECT FROM sessions)"))
    }
  }
}
