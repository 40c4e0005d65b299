import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp
@testable import ServerCore

/// What operators do, over a real database.
@Suite struct AdministrationTests {
  private func with(
    _ body: (TestDatabase, Administration) async throws -> Void
  ) async throws {
    try await TestDatabase.with { database in
      try await body(
        database, Administration(chat: database.chat(), store: database.store))
    }
  }

  private func refusal<Act: AdministrationAct>(
    _ act: Act, _ administration: Administration
  ) async -> ErrorCode? {
    do throws(RPCError) {
      _ = try await act.perform(by: administration)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func anAccountIsListedWithWhatItHas() async throws {
    try await with { database, administration in
      let alice = try await AddUser(name: "Alice", password: "a good password")
        .perform(by: administration)
      let (other, _) = (try await database.user("bob"), try await database.user("carol"))
      _ = try await database.conversation(alice.id, other)
      try await database.session(of: other, [1])
      let accounts = try await ListUsers().perform(by: administration)
      #expect(accounts.map(\.name) == ["Alice", "bob", "carol"])
      #expect(accounts.map(\.conversations) == [1, 1, 0])
      #expect(accounts.map(\.sessions) == [0, 1, 0])
      #expect(
        try await ListUsers(after: other).perform(by: administration).map(\.name) == ["carol"])
      #expect(try await ShowUser(user: "ALICE").perform(by: administration).id == alice.id)
      #expect(await refusal(ShowUser(user: "nobody\0"), administration) == .unknownUser)
      #expect(
        await refusal(AddUser(name: "alice", password: "a good password"), administration)
          == .nameTaken)
      #expect(
        await refusal(AddUser(name: "dave", password: "short"), administration) == .weakPassword)
    }
  }

  @Test func aDisabledAccountIsSignedOutAndTellsNobodyButItsOwner() async throws {
    try await with { database, administration in
      let chat = administration.chat
      _ = try await AddUser(name: "alice", password: "a good password").perform(by: administration)
      let login = Login(name: "alice", password: "a good password", device: "test")
      let token = try await chat.login(login, from: .local).token
      _ = try await SetDisabled(user: "alice", isDisabled: true).perform(by: administration)
      await #expect(throws: RPCError.self) { try await chat.signIn(withToken: token) }
      let code = { (password: String) async -> ErrorCode? in
        do throws(RPCError) {
          _ = try await chat.login(
            Login(name: "alice", password: password, device: "test"), from: .local)
          return nil
        } catch {
          return error.code
        }
      }
      #expect(await code("a good password") == .accountDisabled)
      #expect(await code("another password") == .wrongCredentials)
      _ = try await SetDisabled(user: "alice", isDisabled: false).perform(by: administration)
      #expect(await code("a good password") == nil)
      let events = try await ReadAudit(user: "alice").perform(by: administration).map(\.event)
      #expect(
        events == [
          "signed_in", "account_enabled", "sign_in_failed", "sign_in_failed", "account_disabled",
          "signed_in", "account_added",
        ])
    }
  }

  @Test func aNewPasswordEndsTheSessions() async throws {
    try await with { database, administration in
      let chat = administration.chat
      _ = try await AddUser(name: "alice", password: "a good password").perform(by: administration)
      let login = Login(name: "alice", password: "a good password", device: "test")
      _ = try await chat.login(login, from: .local)
      _ = try await chat.login(login, from: .local)
      _ = try await SetPassword(user: "alice", password: "a new password").perform(
        by: administration)
      #expect(try await ListUserSessions(user: "alice").perform(by: administration).isEmpty)
      await #expect(throws: RPCError.self) { try await chat.login(login, from: .local) }
      _ = try await chat.login(
        Login(name: "alice", password: "a new password", device: "test"), from: .local)
      #expect(
        try await EndUserSessions(user: "alice", session: nil).perform(by: administration) == 1)
      #expect(
        await refusal(EndUserSessions(user: "alice", session: SessionID(99)), administration)
          == .unknownSession)
    }
  }

  @Test func theMutedAreKnownUntilTheirTimeIsOver() async throws {
    try await with { database, administration in
      let (alice, bob) = (try await database.user("alice"), try await database.user("bob"))
      _ = try await SetMuted(user: "alice", isMuted: true).perform(by: administration)
      _ = try await SetMuted(user: "bob", isMuted: true, seconds: 3600).perform(by: administration)
      let mutes = try await database.store.mutes()
      #expect(mutes[alice] == Timestamp(milliseconds: .max))
      #expect(
        mutes[bob].map { $0 > .now && $0 <= Timestamp.now.advanced(byMilliseconds: 3_600_000) }
          == true)
      let message = SendMessage(target: .user(bob), key: .fresh(), text: "hello")
      await #expect {
        try await administration.chat.address(message, as: database.signedIn(alice))
      } throws: { ($0 as? RPCError)?.code == .muted }
      _ = try await SetMuted(user: "alice", isMuted: false).perform(by: administration)
      _ = try await administration.chat.address(message, as: database.signedIn(alice))
      try database.execute("UPDATE users SET muted_until = now() - interval '1 s'")
      #expect(try await database.store.mutes().isEmpty)
    }
  }

  @Test func aDeletedAccountLeavesItsNameAndOthersTheirMessages() async throws {
    try await with { database, administration in
      let (alice, bob, conversation) = try await database.pair()
      let carol = try await database.user("carol")
      try await database.write("stays", by: alice, in: conversation)
      _ = try await DeleteUser(user: "alice", withConversations: false).perform(by: administration)
      #expect(await refusal(ShowUser(user: "alice"), administration) == .unknownUser)
      #expect(try await database.user("alice") != alice, "the name is free")
      let contacts = try await database.store.contacts(of: bob, after: UserID(0), limit: 10)
      #expect(contacts.map(\.user.id).contains(alice), "there is something to be read")
      #expect(contacts.first { $0.user.id == alice }?.user.name.hasPrefix("deleted-") == true)
      let strangers = try await database.store.contacts(of: carol, after: UserID(0), limit: 10)
      #expect(!strangers.map(\.user.id).contains(alice))
      #expect(try database.holds("(SELECT count(*) FROM messages) = 1"))
    }
  }

  @Test func aDeletedAccountTakesItsConversationsAlongWhenAsked() async throws {
    try await with { database, administration in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write("goes", by: bob, in: conversation)
      _ = try await DeleteUser(user: "alice", withConversations: true).perform(by: administration)
      #expect(try database.holds("NOT EXISTS (SELECT FROM messages)"))
      #expect(
        try await !database.store.contacts(of: bob, after: UserID(0), limit: 10)
          .map(\.user.id).contains(alice))
    }
  }

  @Test func anInviteMakesAsManyAccountsAsItSays() async throws {
    try await with { database, administration in
      administration.chat.policy.registration = .invite
      let invite = try await CreateInvite(uses: 2, note: "for 李雷").perform(by: administration)
      let typed = invite.code.lowercased().replacing("-", with: " ")
      let codes = try await withThrowingTaskGroup { group in
        for number in 0..<6 {
          group.addTask { () -> ErrorCode? in
            do throws(RPCError) {
              _ = try await administration.chat.register(
                RegisterAccount(
                  name: "user\(number)", password: "a good password", invite: typed), from: .local)
              return nil
            } catch {
              return error.code
            }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes.count { $0 == nil } == 2)
      #expect(codes.count { $0 == .invalidInvite } == 4)
      #expect(try await ListInvites().perform(by: administration).isEmpty)
    }
  }

  @Test func anInviteIsNotUsedByAnAccountThatIsNotMadeAndNotAfterItsEnd() async throws {
    try await with { database, administration in
      administration.chat.policy.registration = .invite
      _ = try await database.user("alice")
      let invite = try await CreateInvite().perform(by: administration)
      let register = { (name: String, code: String?) async -> ErrorCode? in
        do throws(RPCError) {
          _ = try await administration.chat.register(
            RegisterAccount(name: name, password: "a good password", invite: code), from: .local)
          return nil
        } catch {
          return error.code
        }
      }
      #expect(await register("alice", invite.code) == .nameTaken)
      #expect(await register("bob", nil) == .invalidInvite)
      #expect(await register("bob", "0000-0000-0000-0000") == .invalidInvite)
      #expect(await register("bob", "\0") == .invalidInvite)
      #expect(try await ListInvites().perform(by: administration).map(\.usesLeft) == [1])
      #expect(await register("bob", invite.code) == nil)
      let late = try await CreateInvite(seconds: 60).perform(by: administration)
      try database.execute("UPDATE invites SET expires_at = now() WHERE expires_at IS NOT NULL")
      #expect(await register("carol", late.code) == .invalidInvite)
      let void = try await CreateInvite().perform(by: administration)
      _ = try await RevokeInvite(code: void.code.lowercased()).perform(by: administration)
      #expect(await register("carol", void.code) == .invalidInvite)
      #expect(await refusal(RevokeInvite(code: void.code), administration) == .invalidInvite)
    }
  }

  @Test func theAuditKeepsItsDaysAndGivesPages() async throws {
    try await with { database, administration in
      for number in 0..<5 {
        await administration.record(.passwordSet, detail: "\(number)")
      }
      let newest = try await ReadAudit(limit: 2).perform(by: administration)
      #expect(newest.map(\.detail) == ["4", "3"])
      #expect(
        try await ReadAudit(before: newest.last?.id).perform(by: administration).map(\.detail)
          == ["2", "1", "0"])
      try database.execute("UPDATE audit SET at = now() - interval '91 days' WHERE detail <> '4'")
      await administration.record(.passwordSet, detail: "5")
      #expect(
        try await ReadAudit(event: "password_set").perform(by: administration).map(\.detail)
          == ["5", "4"])
      #expect(try await ReadAudit(event: "signed_in").perform(by: administration).isEmpty)
    }
  }

  @Test func thereIsAsMuchAsThereIs() async throws {
    try await with { database, administration in
      let (alice, _, _) = try await database.pair()
      try await database.session(of: alice, [1])
      let statistics = try await ReadStatistics().perform(by: administration).database
      #expect(statistics.accounts == 2)
      #expect(statistics.sessions == 1)
      #expect(statistics.conversations == 1)
      #expect(statistics.databaseBytes > 0)
      #expect(statistics.schema == Migrator.newest)
    }
  }
}
