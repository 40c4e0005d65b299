import MartletProtocol
import ServerCore
import Testing

@Suite struct HubTests {
  private let hub = Hub()
  private let alice = User(id: UserID(1), name: "alice")
  private let bob = User(id: UserID(2), name: "bob")

  @discardableResult
  private func join(_ user: User, session: Int64 = 1) -> RecordingMailbox {
    let mailbox = RecordingMailbox()
    hub.join(
      mailbox, as: SignedIn(user: user, session: SessionID(session)),
      announcing: OutgoingPush(PresencePush(user: user, online: true, lastSeen: nil)))
    return mailbox
  }

  private func leave(_ mailbox: RecordingMailbox, _ user: User) -> Bool {
    hub.leave(
      mailbox, as: user.id, at: .sample,
      announcing: OutgoingPush(PresencePush(user: user, online: false, lastSeen: .sample)))
  }

  private func online(_ user: User) -> Record.Event {
    .pushed(.presence(PresencePush(user: user, online: true, lastSeen: nil)))
  }

  private func offline(_ user: User) -> Record.Event {
    .pushed(.presence(PresencePush(user: user, online: false, lastSeen: .sample)))
  }

  private func read(_ sequence: Int64) -> ReadPush {
    ReadPush(
      conversation: ConversationID(9), user: UserID(3), sequence: MessageSequence(sequence))
  }

  @Test func everyoneElseHearsOfTheFirstDeviceOnly() {
    let alice1 = join(alice)
    let bob1 = join(bob, session: 1)
    let bob2 = join(bob, session: 2)
    #expect(alice1.events == [online(bob)])
    #expect(bob1.events.isEmpty)
    #expect(bob2.events.isEmpty)
  }

  @Test func everyoneElseHearsOfTheLastDeviceOnly() {
    let bob1 = join(bob, session: 1)
    let bob2 = join(bob, session: 2)
    let alice1 = join(alice)
    #expect(!leave(bob1, bob))
    #expect(alice1.events.isEmpty)
    #expect(leave(bob2, bob))
    #expect(alice1.events == [offline(bob)])
  }

  @Test func leavingTwiceIsOneLeave() {
    let alice1 = join(alice)
    let bob1 = join(bob)
    #expect(leave(bob1, bob))
    #expect(!leave(bob1, bob))
    #expect(alice1.events == [online(bob), offline(bob)])
  }

  @Test func aDeviceThatLeftGetsNothing() {
    let bob1 = join(bob)
    _ = leave(bob1, bob)
    hub.deliver(OutgoingPush(read(1)), to: [bob.id])
    #expect(bob1.events.isEmpty)
  }

  @Test func pushesReachEveryDeviceButTheOrigin() {
    let alice1 = join(alice)
    let bob1 = join(bob, session: 1)
    let bob2 = join(bob, session: 2)
    let before = alice1.events
    hub.deliver(OutgoingPush(read(1)), to: [alice.id, bob.id], except: bob1)
    #expect(alice1.events == before + [.pushed(.read(read(1)))])
    #expect(bob1.events.isEmpty)
    #expect(bob2.events == [.pushed(.read(read(1)))])
  }

  @Test func pushesReachOnlyTheNamedUsers() {
    let alice1 = join(alice)
    hub.deliver(OutgoingPush(read(1)), to: [bob.id])
    #expect(alice1.events.isEmpty)
  }

  @Test func pushesArriveInTheOrderTheyWereMade() async {
    let (alice1, bob1) = (join(alice), join(bob))
    let before = alice1.events.count
    await withTaskGroup { group in
      for worker in 0..<4 {
        group.addTask {
          for number in 0..<200 {
            hub.deliver(
              OutgoingPush(read(Int64(worker * 1000 + number))), to: [alice.id, bob.id])
          }
        }
      }
    }
    // Whatever the order, it is the same for both.
    #expect(Array(alice1.events.dropFirst(before)) == bob1.events)
    #expect(bob1.events.count == 800)
  }

  @Test func endingASessionClosesItsConnectionsOnly() {
    let ended = [join(alice, session: 1), join(alice, session: 1)]
    let other = join(alice, session: 2)
    hub.end(SessionID(1), of: alice.id, reason: "Gone.")
    for mailbox in ended {
      #expect(
        mailbox.events == [
          .pushed(.sessionEnded(SessionEndedPush(reason: "Gone."))), .closed(.signedOut),
        ])
    }
    #expect(other.events.isEmpty)
  }

  @Test func aSessionOfTheSameNumberOfSomebodyElseStays() {
    join(alice, session: 1)
    let bob1 = join(bob, session: 1)
    hub.end(SessionID(1), of: alice.id, reason: "Gone.")
    #expect(bob1.events.isEmpty)
  }

  @Test func presenceIsOfUsersAndNotOfDevices() {
    let first = join(alice, session: 1)
    join(alice, session: 2)
    _ = leave(first, alice)
    let online = hub.withOnline(among: [alice.id, bob.id]) { $0 }
    #expect(online == [alice.id])
  }

  @Test func whatIsQueuedWhilePresenceIsReadComesBeforeTheNextChange() async {
    let bob1 = join(bob)
    await withTaskGroup { group in
      hub.withOnline(among: [alice.id]) { online in
        #expect(online.isEmpty)
        group.addTask { _ = join(alice) }
        bob1.deliver(OutgoingPush(read(1)))
      }
    }
    #expect(bob1.events == [.pushed(.read(read(1))), online(alice)])
  }
}
