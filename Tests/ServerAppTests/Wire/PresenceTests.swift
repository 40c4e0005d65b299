import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Who is there, as others see it.
@Suite struct PresenceTests {
  /// The next presence of somebody, as a word.
  private func presence(of user: UserID, seenBy client: TestClient) async throws -> String {
    try await client.push { push -> String? in
      guard case .presence(let push) = push, push.user.id == user else { return nil }
      return push.online ? "online" : push.lastSeen == nil ? "registered" : "offline"
    }
  }

  @Test func registeringAndSigningInAreTold() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bob = try await server.someone("bob")
      #expect(try await presence(of: bob.id, seenBy: alice.client) == "registered")
      #expect(try await presence(of: bob.id, seenBy: alice.client) == "online")
    }
  }

  /// The ways in which a device can go.
  enum Departure: CaseIterable {
    case logout, closeFrame, abort, violation
  }

  @Test(arguments: Departure.allCases)
  func whoeverLeavesIsOffline(_ departure: Departure) async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      switch departure {
      case .logout: _ = try await bob.client.call(Logout())
      case .closeFrame: bob.client.socket.send(.close(1000))
      case .abort: try await bob.client.socket.connection.abort()
      case .violation: bob.client.socket.send(.binary([1]))
      }
      #expect(try await presence(of: bob.id, seenBy: alice.client) == "offline")
      let contacts = try await alice.client.call(ListContacts(limit: 9)).contacts
      #expect(contacts.map(\.online) == [false])
    }
  }

  @Test func whoeverAnswersNoPingIsOffline() async throws {
    let limits = Limits(pingMilliseconds: 50, pongMilliseconds: 2000)
    try await TestServer.with(limits: limits) { server in
      let (alice, bob) = try await server.pair()
      // Alice answers pings while she waits; Bob has gone quiet.
      #expect(try await presence(of: bob.id, seenBy: alice.client) == "offline")
    }
  }

  @Test func severalDevicesAreOnePresence() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      let second = try await server.device(of: "bob")
      #expect(try await alice.client.settledPushes().isEmpty)
      bob.client.socket.send(.close(1000))
      #expect(try await bob.client.closeCode() == nil)
      // What the second does comes after the first has left.
      try await second.send("still here", to: .user(alice.id))
      let pushes = try await alice.client.settledPushes()
      #expect(pushes.allSatisfy { if case .presence = $0 { false } else { true } })
      try await second.client.socket.connection.abort()
      #expect(try await presence(of: bob.id, seenBy: alice.client) == "offline")
    }
  }

  @Test func onesOwnDevicesAreNotTold() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      let second = try await server.device(of: "alice")
      #expect(try await alice.client.settledPushes().isEmpty)
      withExtendedLifetime((bob, second)) {}
    }
  }

  @Test func theListAndThePushesAgree() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      // Bob comes and goes while Alice asks: whatever the interleaving, applying pushes and pages in
      // the order in which they come must end at the truth.
      let restless = Task {
        for _ in 1...10 {
          let device = try await server.device(of: "bob")
          try await device.client.socket.connection.abort()
        }
        try await bob.client.socket.connection.abort()
      }
      var online = true
      var hasEnded = false
      while !hasEnded {
        let id = await alice.client.begin(ListContacts(limit: 9))
        waiting: while true {
          switch try await alice.client.frame() {
          case .push(.presence(let push)):
            #expect(push.online != online)
            online = push.online
          case .push: continue
          case .reply(id, let text):
            let contacts = try TestClient.reply(ListContacts.Reply.self, in: text).contacts
            #expect(contacts.map(\.online) == [online])
            break waiting
          case .reply, .failure: throw Failure("not asked for")
          }
        }
        hasEnded = !online
      }
      try await restless.value
    }
  }

  @Test func lastSeenSurvivesARestart() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      await server.stop()
      withExtendedLifetime(alice) {}
      try await server.start()
      let device = try await server.device(of: "alice")
      let contact = try await device.client.call(ListContacts(limit: 9)).contacts.first
      #expect(contact?.user == bob.user)
      #expect(contact?.lastSeen != nil)
    }
  }
}
