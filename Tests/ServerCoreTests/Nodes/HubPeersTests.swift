import MartletProtocol
import Testing

@testable import ServerCore

/// The hub of one node among several.
@Suite struct HubPeersTests {
  private let peers = RecordingPeers()
  private let hub: Hub
  private let alice = User(id: UserID(1), name: "alice")
  private let bob = User(id: UserID(2), name: "bob")
  private let near = NodeID(7)
  private let far = NodeID(8)

  init() { hub = Hub(peers: peers) }

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

  private func hear(_ events: NodeEvent..., from node: NodeID) {
    for event in events { hub.hear(event, from: node, at: .sample) }
  }

  private func joined(_ user: User, _ session: Int64) -> NodeEvent {
    .joined(user: user, session: SessionID(session))
  }

  private func left(_ user: User, _ session: Int64) -> NodeEvent {
    .left(user: user.id, session: SessionID(session), at: .sample)
  }

  private func presence(_ user: User, online: Bool) -> Record.Event {
    .pushed(
      .presence(PresencePush(user: user, online: online, lastSeen: online ? nil : .sample)))
  }

  @Test func othersHearOfTheFirstAndTheLastConnectionOfASession() {
    let (first, second) = (join(alice), join(alice))
    let other = join(alice, session: 2)
    _ = leave(first, alice)
    _ = leave(second, alice)
    _ = leave(other, alice)
    #expect(
      peers.events == [joined(alice, 1), joined(alice, 2), left(alice, 1), left(alice, 2)])
  }

  @Test func somebodyIsOnlineWhereverTheyAre() {
    let mailbox = join(alice)
    hear(joined(bob, 5), from: near)
    hear(joined(bob, 6), from: far)
    let here = join(bob, session: 9)
    hear(left(bob, 5), from: near)
    _ = leave(here, bob)
    #expect(mailbox.events == [presence(bob, online: true)])
    #expect(hub.sessions(of: bob.id) == [SessionID(6)])
    #expect(hub.withOnline(among: [alice.id, bob.id, UserID(3)]) { $0 } == [alice.id, bob.id])
    hear(left(bob, 6), from: far)
    #expect(mailbox.events == [presence(bob, online: true), presence(bob, online: false)])
  }

  @Test func aNodeThatIsGoneTakesItsPeopleWithIt() {
    let mailbox = join(alice)
    hear(joined(bob, 5), joined(alice, 6), from: near)
    #expect(hub.forget(near, at: .sample) == [bob.id])
    #expect(mailbox.events == [presence(bob, online: true), presence(bob, online: false)])
    #expect(hub.forget(near, at: .sample).isEmpty)
  }

  @Test func whatANodeSaysOfAllItsSessionsReplacesWhatWasKnown() {
    let mailbox = join(UserID(3).user("carol"))
    hear(joined(alice, 5), joined(bob, 6), from: near)
    let before = mailbox.events
    hear(
      .present(sessions: [SignedIn(user: bob, session: SessionID(6))]), from: near)
    #expect(mailbox.events == before + [presence(alice, online: false)])
    hear(.leaving, from: near)
    #expect(mailbox.events.last == presence(bob, online: false))
  }

  @Test func everySessionIsTold() {
    join(alice)
    join(alice)
    join(bob, session: 2)
    hub.introduce()
    guard case .present(let sessions)? = peers.events.last else {
      Issue.record("nothing was told")
      return
    }
    #expect(
      Set(sessions) == [
        SignedIn(user: alice, session: SessionID(1)), SignedIn(user: bob, session: SessionID(2)),
      ])
  }

  @Test func aPushIsToldAndSentAsItIs() {
    let push = OutgoingPush(
      ReadPush(conversation: ConversationID(9), user: bob.id, sequence: MessageSequence(4)),
      isEphemeral: true)
    hub.deliver(push, to: [alice.id])
    let told = peers.events
    #expect(told.count == 1)
    let (receiver, other) = (join(alice), join(bob, session: 2))
    let before = receiver.events
    hear(told[0], from: near)
    #expect(receiver.events.count == before.count + 1)
    #expect(receiver.ephemeralFlags.last == true)
    #expect(other.events.isEmpty)
    // It is not told again: it would never end.
    #expect(peers.events.count == 3)
  }

  @Test func aSessionThatIsEndedElsewhereIsClosedHere() {
    let (mine, other) = (join(alice, session: 1), join(alice, session: 2))
    hear(.ended(session: SessionID(1), user: alice.id, reason: "gone"), from: near)
    #expect(
      mine.events == [
        .pushed(.sessionEnded(SessionEndedPush(reason: "gone"))), .closed(.signedOut),
      ])
    #expect(other.events.isEmpty)
    hub.end(SessionID(2), of: alice.id, reason: "too")
    #expect(
      peers.events.last == .ended(session: SessionID(2), user: alice.id, reason: "too"))
  }

  @Test func ofAMessageOthersHearOnlyWhereItIs() {
    let mailbox = join(alice)
    let message = Message(
      conversation: ConversationID(9), sequence: MessageSequence(4), sender: bob.id,
      sentAt: .sample,
      key: .numbered(1), text: "secret")
    hub.deliver(message, to: [alice.id], except: mailbox)
    #expect(
      peers.events.last
        == .message(message.reference, users: [alice.id]))
  }
}

extension UserID {
  fileprivate func user(_ name: String) -> User { User(id: self, name: name) }
}
