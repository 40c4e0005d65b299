import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Sessions and the password as their owner manages them.
@Suite struct ManagingSessionsTests {
  private func resume(_ someone: Someone, on server: TestServer) async throws -> ErrorCode? {
    let client = try await server.client()
    do {
      _ = try await client.call(Resume(token: someone.login.token, cursors: []))
      return nil
    } catch let error as RPCError {
      return error.code
    }
  }

  private func wasToldAndClosed(_ someone: Someone) async throws -> Bool {
    guard try await someone.client.closeCode() == .signedOut else { return false }
    return try await someone.client.push { push -> Bool? in
      if case .sessionEnded = push { true } else { nil }
    }
  }

  @Test func devicesAreListed() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let second = try await server.device(of: "alice")
      let away = try await server.device(of: "alice")
      away.client.socket.send(.close(1000))
      _ = try await away.client.closeCode()
      // The others see the connection gone only when the server has noticed.
      let listed = try await eventually("the device to be gone") {
        let listed = try await second.client.call(ListSessions()).sessions
        return listed.filter(\.online).count == 2 ? listed : nil
      }
      #expect(
        listed.map(\.id) == [away.login.session, second.login.session, alice.login.session])
      #expect(listed.map(\.current) == [false, true, false])
      #expect(listed.map(\.online) == [false, true, true])
      #expect(listed.map(\.device) == ["test", "test", "test"])
    }
  }

  @Test func aRevokedDeviceIsSignedOut() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      let second = try await server.device(of: "alice")
      let revoke = RevokeSession(session: second.login.session)
      _ = try await alice.client.call(revoke)
      #expect(try await wasToldAndClosed(second))
      #expect(try await resume(second, on: server) == .invalidToken)
      for session in [second.login.session, alice.login.session, bob.login.session] {
        let error = try await refusal {
          _ = try await alice.client.call(RevokeSession(session: session))
        }
        #expect(error.code == .unknownSession)
      }
      _ = try await bob.client.call(ListContacts(limit: 1))
    }
  }

  @Test func aChangedPasswordSignsTheOtherDevicesOut() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let second = try await server.device(of: "alice")
      let errors = [("wrong password", "a better one"), ("a good password", "12345678")]
      for (index, (current, new)) in errors.enumerated() {
        let error = try await refusal {
          _ = try await alice.client.call(
            ChangePassword(currentPassword: current, newPassword: new))
        }
        #expect(error.code == [.wrongCredentials, .weakPassword][index])
      }
      _ = try await second.client.call(ListContacts(limit: 1))
      _ = try await alice.client.call(
        ChangePassword(currentPassword: "a good password", newPassword: "a better one 更好"))
      #expect(try await wasToldAndClosed(second))
      #expect(try await resume(second, on: server) == .invalidToken)
      #expect(try await resume(alice, on: server) == nil)
      let client = try await server.client()
      let error = try await refusal {
        _ = try await client.call(Login(name: "alice", password: "a good password", device: ""))
      }
      #expect(error.code == .wrongCredentials)
      _ = try await client.call(Login(name: "alice", password: "a better one 更好", device: ""))
    }
  }

  @Test func nobodySignedInManagesNothing() async throws {
    try await TestServer.with { server in
      let client = try await server.client()
      let requests: [any RequestMessage] = [
        ListSessions(), RevokeSession(session: SessionID(1)),
        ChangePassword(currentPassword: "a good password", newPassword: "a better one"),
        WatchPresence(users: []),
      ]
      for request in requests {
        let error = try await refusal { _ = try await client.call(request) }
        #expect(error.code == .signInRequired)
      }
    }
  }

  @Test func presenceIsToldToWhoWatches() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      let carol = try await server.someone("carol")
      _ = try await alice.client.settledPushes()
      let reply = try await alice.client.call(WatchPresence(users: [bob.id, UserID(4711)]))
      #expect(reply.presences == [Presence(user: bob.id, online: true, lastSeen: nil)])
      let other = try await server.device(of: "alice")
      for someone in [carol, bob] {
        someone.client.socket.send(.close(1000))
        _ = try await someone.client.closeCode()
      }
      let gone = try await alice.client.push { push -> UserID? in
        if case .presence(let push) = push { push.user.id } else { nil }
      }
      #expect(gone == bob.id)
      // The device that did not ask hears of both.
      for _ in 1...2 { _ = try await other.client.push() }
      let later = try await alice.client.call(WatchPresence(users: [carol.id, bob.id]))
      #expect(later.presences.map(\.online) == [false, false])
      // Somebody new is told of to everyone.
      _ = try await alice.client.settledPushes()
      let dave = try await server.someone("dave")
      let pushes = try await alice.client.settledPushes()
      #expect(pushes == [.presence(PresencePush(user: dave.user, online: false, lastSeen: nil))])
      let error = try await refusal {
        _ = try await alice.client.call(
          WatchPresence(users: Array(repeating: bob.id, count: 1001)))
      }
      #expect(error.code == .invalidParameters)
    }
  }

  @Test func recentContactsComeFirst() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      var others: [Someone] = []
      for name in ["bob", "carol", "dave"] { others.append(try await server.someone(name)) }
      for index in [2, 0] { try await others[index].send("hi", to: .user(alice.id)) }
      let page = try await alice.client.call(ListContacts(recent: true, limit: 9))
      #expect(page.contacts.map(\.user) == [others[0].user, others[2].user])
      #expect(page.contacts.map(\.online) == [true, true])
      #expect(page.contacts.map { $0.conversation?.unread } == [1, 1])
      #expect(page.next == nil)
      let first = try await alice.client.call(ListContacts(recent: true, limit: 1))
      #expect(first.contacts.map(\.user) == [others[0].user])
      #expect(first.next == nil)
    }
  }
}
