import MartletProtocol
import TestSupport
import Testing

@testable import ServerCore

/// Listing and revoking sessions, and changing the password.
@Suite struct ManagingSessionsTests {
  private let test = TestChat()

  /// Somebody with a connected device, another connected one, and one that is away.
  private func devices() async throws -> (
    own: (signedIn: SignedIn, mailbox: RecordingMailbox),
    other: (signedIn: SignedIn, mailbox: RecordingMailbox), away: SessionID
  ) {
    let own = try await test.connected("alice")
    let user = own.signedIn.user
    var sessions: [SessionID] = []
    for token: [UInt8] in [[2], [3]] {
      let session = try await test.store.createSession(
        user: user.id, passwordHash: "new:a good password", tokenHash: token, device: "d")
      sessions.append(try #require(session))
    }
    let other = SignedIn(user: user, session: sessions[0])
    let mailbox = RecordingMailbox()
    test.chat.connected(mailbox, as: other)
    return (own, (other, mailbox), sessions[1])
  }

  private func refusal(_ work: () async throws(RPCError) -> Done) async -> ErrorCode? {
    do {
      _ = try await work()
      return nil
    } catch {
      return error.code
    }
  }

  @Test func theListSaysWhoIsConnectedAndWhoAsks() async throws {
    let (own, other, away) = try await devices()
    let listed = try await test.chat.listSessions(as: own.signedIn).sessions
    #expect(listed.map(\.id) == [own.signedIn.session, other.signedIn.session, away])
    #expect(listed.map(\.online) == [true, true, false])
    #expect(listed.map(\.current) == [true, false, false])
  }

  @Test func aRevokedSessionIsToldAndClosed() async throws {
    let (own, other, _) = try await devices()
    let revoke = RevokeSession(session: other.signedIn.session)
    _ = try await test.chat.revoke(revoke, as: own.signedIn)
    #expect(other.mailbox.events.last == .closed(.signedOut))
    #expect(own.mailbox.events.isEmpty)
    #expect(
      await refusal { () async throws(RPCError) in
        try await test.chat.revoke(revoke, as: own.signedIn)
      } == .unknownSession)
  }

  @Test func aSessionWhoseEndNobodyHeardOfIsClosedByAskingAgain() async throws {
    let (own, other, _) = try await devices()
    let revoke = RevokeSession(session: other.signedIn.session)
    test.store.change { $0.lostAnswers = ["endSession of user"] }
    for code in [ErrorCode.unavailable, .unknownSession] {
      #expect(
        await refusal { () async throws(RPCError) in
          try await test.chat.revoke(revoke, as: own.signedIn)
        } == code)
      test.store.change { $0.lostAnswers = [] }
    }
    #expect(other.mailbox.events.last == .closed(.signedOut))
  }

  @Test func aPasswordThatMayHaveBeenChangedSendsTheOtherDevicesBackToSignIn() async throws {
    let (own, other, _) = try await devices()
    test.store.change { $0.lostAnswers = ["changePassword"] }
    #expect(
      await refusal { () async throws(RPCError) in
        try await test.chat.changePassword(
          ChangePassword(currentPassword: "a good password", newPassword: "a better one 更好"),
          as: own.signedIn)
      } == .unavailable)
    #expect(other.mailbox.events == [.closed(.goingAway)])
    #expect(own.mailbox.events.isEmpty)
  }

  @Test func onesOwnSessionAndThoseOfOthersAreUnknown() async throws {
    let (own, _, _) = try await devices()
    let bob = try await test.connected("bob")
    for session in [own.signedIn.session, bob.signedIn.session] {
      #expect(
        await refusal { () async throws(RPCError) in
          try await test.chat.revoke(RevokeSession(session: session), as: own.signedIn)
        } == .unknownSession)
    }
    #expect(bob.mailbox.events.isEmpty)
    #expect(test.store.read(\.sessions).count == 4)
  }

  @Test func aChangedPasswordClosesTheOtherDevices() async throws {
    let (own, other, _) = try await devices()
    _ = try await test.chat.changePassword(
      ChangePassword(currentPassword: "a good password", newPassword: "a better one 更好"),
      as: own.signedIn)
    #expect(other.mailbox.events.last == .closed(.signedOut))
    #expect(own.mailbox.events.isEmpty)
    #expect(test.store.read(\.sessions).values.map(\.session) == [own.signedIn.session])
    #expect(test.store.read(\.accounts).map(\.passwordHash) == ["new:a better one 更好"])
    #expect(!test.log.text.contains("better"))
  }

  @Test(arguments: [
    ("a bad password", "a better one", ErrorCode.wrongCredentials),
    (String(repeating: "x", count: 1025), "a better one", .wrongCredentials),
    ("a good password", "short", .weakPassword), ("a good password", "password", .weakPassword),
  ])
  func whatIsRefusedChangesNothing(
    _ current: String, _ new: String, _ code: ErrorCode
  ) async throws {
    let (own, other, _) = try await devices()
    #expect(
      await refusal { () async throws(RPCError) in
        try await test.chat.changePassword(
          ChangePassword(currentPassword: current, newPassword: new), as: own.signedIn)
      } == code)
    #expect(other.mailbox.events.isEmpty)
    #expect(test.store.read(\.accounts).map(\.passwordHash) == ["new:a good password"])
  }

  @Test func rightAndWrongDoTheSameWork() async throws {
    let (own, _, _) = try await devices()
    var hashes: [Int] = []
    for current in ["a bad password", "a good password"] {
      let before = test.passwords.hashes
      _ = await refusal { () async throws(RPCError) in
        try await test.chat.changePassword(
          ChangePassword(currentPassword: current, newPassword: "a better one"),
          as: own.signedIn)
      }
      hashes.append(test.passwords.hashes - before)
    }
    #expect(hashes == [2, 2])
  }

  // MARK: Presence

  private func watch(
    _ users: [UserID], _ who: (signedIn: SignedIn, mailbox: RecordingMailbox)
  ) async throws -> [Presence] {
    let request = WatchPresence(users: users)
    let reply = try await test.chat.presences(request)
    var shown: [Presence] = []
    test.chat.watch(request, reply, as: who.signedIn, from: who.mailbox) { shown = $0.presences }
    return shown
  }

  @Test func whoWatchesHearsOfThoseOnly() async throws {
    let alice = try await test.connected("alice")
    let (bob, carol) = (try await test.account("bob"), try await test.account("carol"))
    test.store.change { $0.lastSeen[carol.id] = .sample }
    let shown = try await watch([carol.id, alice.signedIn.user.id, carol.id, UserID(99)], alice)
    #expect(
      shown == [
        Presence(user: carol.id, online: false, lastSeen: .sample),
        Presence(user: alice.signedIn.user.id, online: true, lastSeen: nil),
      ])
    let before = alice.mailbox.events.count
    let mailboxes = [RecordingMailbox(), RecordingMailbox(), RecordingMailbox()]
    for (index, user) in [bob, carol, alice.signedIn.user].enumerated() {
      test.chat.connected(
        mailboxes[index], as: SignedIn(user: user, session: SessionID(Int64(90 + index))))
    }
    let push = PresencePush(user: carol, online: true, lastSeen: nil)
    #expect(alice.mailbox.pushes.dropFirst(before) == [.presence(push)])
    // Who has not asked hears of everyone.
    #expect(mailboxes[0].pushes == [.presence(push)])
    // A new set is in the place of the old one.
    #expect(try await watch([bob.id], alice).map(\.online) == [true])
    await test.chat.disconnected(
      mailboxes[1], as: SignedIn(user: carol, session: SessionID(91)))
    #expect(alice.mailbox.pushes.count == before + 1)
    await test.chat.disconnected(mailboxes[0], as: SignedIn(user: bob, session: SessionID(90)))
    #expect(alice.mailbox.pushes.count == before + 2)
    #expect(try await watch([], alice).isEmpty)
  }

  @Test func aWatcherThatLeftIsForgotten() async throws {
    let alice = try await test.connected("alice")
    let bob = try await test.account("bob")
    _ = try await watch([bob.id], alice)
    await test.chat.disconnected(alice.mailbox, as: alice.signedIn)
    // One that asks while it is being closed is not remembered either.
    _ = try await watch([bob.id], alice)
    test.chat.connected(
      RecordingMailbox(), as: SignedIn(user: bob, session: SessionID(90)))
    #expect(alice.mailbox.events.isEmpty)
  }

  @Test func whoRegistersIsToldOfToEveryone() async throws {
    let alice = try await test.connected("alice")
    _ = try await watch([], alice)
    let bob = try await test.chat.register(
      RegisterAccount(name: "bob", password: "a good password"), from: .local
    ).user
    #expect(
      alice.mailbox.pushes == [
        .presence(PresencePush(user: bob, online: false, lastSeen: nil))
      ])
  }

  @Test func moreThanAThousandCannotBeWatched() async throws {
    let users = (1...1001).map { UserID(Int64($0)) }
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.presences(WatchPresence(users: users))
    }
    #expect(error?.code == .invalidParameters)
    _ = try await test.chat.presences(WatchPresence(users: Array(users.dropLast())))
  }
}
