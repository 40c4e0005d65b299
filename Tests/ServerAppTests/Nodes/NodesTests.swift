import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp
@testable import ServerCore

/// Several servers on one database.
@Suite struct NodesTests {
  /// Two servers, with alice at the first and bob at the second.
  private struct Pair {
    let database: String
    let first: TestServer
    let second: TestServer
    let alice: Someone
    let bob: Someone
  }

  private func withPair(
    listens: Bool = true, _ body: (Pair) async throws -> Void
  ) async throws {
    try await SharedCluster.instance.withDatabase { database in
      let servers = try (0..<2).map { _ in
        try TestServer(databaseURL: database, limits: Limits(), listensToNodes: listens)
      }
      do {
        for server in servers { try await server.start() }
        let alice = try await servers[0].someone("alice")
        let bob = try await servers[1].someone("bob")
        try await body(
          Pair(database: database, first: servers[0], second: servers[1], alice: alice, bob: bob))
      } catch {
        for server in servers { await server.stop() }
        throw error
      }
      for server in servers { await server.stop() }
    }
  }

  private func presence(of user: UserID, seenBy someone: Someone) async throws -> Bool {
    try await someone.client.push { push in
      guard case .presence(let push) = push, push.user.id == user,
        push.online || push.lastSeen != nil
      else { return nil }
      return push.online
    }
  }

  @Test(arguments: [true, false])
  func whatOneNodeStoresTheClientsOfAnotherHear(listens: Bool) async throws {
    try await withPair(listens: listens) { pair in
      let (alice, bob) = (pair.alice, pair.bob)
      #expect(try await presence(of: bob.id, seenBy: alice))
      let sent = try await alice.send("有人吗", to: .user(bob.id))
      let conversation = try await bob.client.push { push in
        if case .conversation(let push) = push { push.conversation } else { nil }
      }
      #expect(conversation == sent.conversation)
      let message = try await bob.client.push { push in
        if case .message(let push) = push { push.message } else { nil }
      }
      #expect(message.text == "有人吗" && message.sequence == sent.sequence)

      _ = try await bob.client.call(
        MarkRead(conversation: conversation, sequence: message.sequence))
      let read = try await alice.client.push { push in
        if case .read(let push) = push { push } else { nil }
      }
      #expect(read.user == bob.id && read.sequence == message.sequence)
      await bob.client.notify(NotifyTyping(conversation: conversation))
      _ = try await alice.client.push { push in
        if case .typing(let push) = push { push.user } else { nil }
      }
      _ = try await bob.client.call(ClearHistory(conversation: conversation))
      let cleared = try await alice.client.push { push in
        if case .cleared(let push) = push { push.sequence } else { nil }
      }
      #expect(cleared == message.sequence)
    }
  }

  @Test func comingAndGoingIsSeenAtEveryNode() async throws {
    try await withPair { pair in
      let (alice, bob) = (pair.alice, pair.bob)
      #expect(try await presence(of: bob.id, seenBy: alice))
      // At both nodes, and then at one.
      let here = try await pair.first.device(of: "bob")
      #expect(try await alice.client.settledPushes().isEmpty)
      _ = try await bob.client.call(Logout())
      let contacts = try await alice.client.call(ListContacts(limit: 9)).contacts
      #expect(contacts.map(\.online) == [true])
      _ = try await here.client.call(Logout())
      #expect(try await !presence(of: bob.id, seenBy: alice))
    }
  }

  @Test func whoeverComesLaterIsToldWhoIsThere() async throws {
    try await withPair { pair in
      let third = try TestServer(databaseURL: pair.database, limits: Limits())
      try await third.start()
      let carol = try await third.someone("carol")
      let contacts = try await carol.client.call(ListContacts(limit: 9)).contacts
      #expect(contacts.map(\.online) == [true, true])
      #expect(try await presence(of: carol.id, seenBy: pair.alice))
      #expect(try await presence(of: carol.id, seenBy: pair.bob))
      await third.stop()
      #expect(try await !presence(of: carol.id, seenBy: pair.bob))
      // One that starts waits until both have looked again who is there.
      let fourth = try TestServer(databaseURL: pair.database, limits: Limits())
      try await fourth.start()
      await fourth.stop()
      // A stop is not a death: clients are not sent away by it.
      for someone in [pair.alice, pair.bob] {
        let pushes = try await someone.client.settledPushes()
        #expect(!pushes.contains { if case .draining = $0 { true } else { false } })
      }
    }
  }

  @Test func aSessionThatIsRevokedAtOneNodeIsClosedAtAnother() async throws {
    try await withPair { pair in
      let there = try await pair.second.device(of: "alice")
      _ = try await pair.alice.client.call(RevokeSession(session: there.login.session))
      #expect(try await there.client.closeCode() == .signedOut)
    }
  }

  @Test func theDeadAreSeenOfflineAndTheirNeighboursLookForWhatTheyMissed() async throws {
    try await withPair { pair in
      let carol = try await pair.first.someone("carol")
      #expect(try await presence(of: carol.id, seenBy: pair.alice))
      _ = try await carol.client.call(Logout())
      #expect(try await !presence(of: carol.id, seenBy: pair.alice))
      // A third node that tells of somebody, and then nothing any more.
      let connection = try PostgresConnection(pair.database)
      let node = try #require(try connection.execute(AddNode(name: "dead")).first).id
      let relay = Relay(connectionString: pair.database, logger: .silent)
      relay.open(as: node)
      relay.tell(
        .present(sessions: [SignedIn(user: carol.user, session: carol.login.session)]))
      #expect(try await presence(of: carol.id, seenBy: pair.alice))
      #expect(try await presence(of: carol.id, seenBy: pair.bob))
      #expect(try await !presence(of: carol.id, seenBy: pair.alice))
      _ = try await pair.alice.client.push { push in
        if case .draining(let push) = push { push.retryAfter } else { nil }
      }
      await relay.close()
    }
  }

  @Test func whoeverWasTakenForDeadBeginsAnewWithItsClients() async throws {
    try await withPair { pair in
      #expect(try await presence(of: pair.bob.id, seenBy: pair.alice))
      try PostgresConnection(pair.database).execute(sql: "DELETE FROM nodes")
      for someone in [pair.alice, pair.bob] {
        _ = try await someone.client.push { push in
          if case .draining(let push) = push { push.retryAfter } else { nil }
        }
      }
      // Each begins anew, and each may find the other gone before: clients may have to come twice.
      try await eventually("a message to pass") {
        do {
          let (alice, bob) = (
            try await pair.first.device(of: "alice"), try await pair.second.device(of: "bob")
          )
          let sent = try await alice.send("and on", to: .user(bob.id))
          let message = try await bob.client.push { push in
            if case .message(let push) = push { push.message } else { nil }
          }
          return message.sequence == sent.sequence
        } catch {
          // Sent away once more.
          return nil
        }
      }
    }
  }

  @Test func aNodeBeginsToReadWhereNumbersAreAlsoWhenNoneIsLeft() async throws {
    try await SharedCluster.instance.withDatabase { database in
      let connection = try PostgresConnection(database)
      #expect(try connection.execute(ReadNewestEvent()) == [0])
      try connection.execute(sql: "SELECT setval('node_events_id_seq', 4000000000)")
      #expect(try connection.execute(ReadNewestEvent()) == [4_000_000_000])
      let link = NodeLink(connectionString: database, name: "", logger: .silent)
      let look = try await link.look(mayJudge: true)
      #expect(look.isNew && look.listed == [])
      let relay = Relay(connectionString: database, logger: .silent)
      relay.open(as: NodeID(77))
      relay.tell(.leaving)
      await relay.close()
      let next = try await link.look(mayJudge: true)
      #expect(next.told.map(\.events) == [[.leaving]])
      await link.close()
    }
  }

  @Test func whatAnOperatorDoesWithoutAServerOfTheirOwnIsHeardByOthers() async throws {
    try await withPair { pair in
      var configuration = ServerConfiguration(dataDirectory: try TestDirectory.make())
      configuration.databaseURL = pair.database
      configuration.passwordRounds = 1
      try await Administrator.with(configuration, logger: .silent) {
        administrator throws(OperatorError) in
        _ = try await administrator.perform(SetDisabled(user: "bob", isDisabled: true))
      }
      #expect(try await pair.bob.client.closeCode() == .signedOut)
    }
  }

  @Test func moreThanMayWaitIsDroppedAndSaidSo() async throws {
    try await TestDatabase.with { database in
      let relay = Relay(
        connectionString: database.connectionString, maximumQueued: 2, logger: .silent)
      relay.open(as: NodeID(3))
      let lock = try database.connection()
      try lock.execute(sql: "BEGIN; LOCK TABLE node_events")
      let event = { (number: Int64) in
        NodeEvent.disconnected(session: SessionID(number), user: UserID(1))
      }
      relay.tell(event(1))
      // It is being written while the others come.
      try await database.somebodyWaitsForALock()
      for number in Int64(2)...5 { relay.tell(event(number)) }
      #expect(relay.takeOverflow())
      #expect(!relay.takeOverflow())
      try lock.execute(sql: "COMMIT")
      await relay.close()
      let rows = try database.connection().execute(
        ReadEvents(cursor: EventCursor(after: 0), node: NodeID(4)))
      let told = rows.compactMap(\.event).map { String(decoding: $0.events, as: UTF8.self) }
      #expect(told.count == 2)
      #expect(told[0].contains("disconnected") && !told[0].contains("overflowed"))
      #expect(told[1].contains("overflowed"))
    }
  }
}
