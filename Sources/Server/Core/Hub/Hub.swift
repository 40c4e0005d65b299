public import MartletProtocol
import Synchronization

/// Who is connected to this node, the way to each of their devices, and who is connected to other nodes.
///
/// What all devices of somebody are to hear is told to the other nodes, too, in the same order.
/// Pushes are handed to mailboxes under the lock, so that two pushes reach every receiver in the
/// order in which they were made; a mailbox only queues, so the lock is short.
public final class Hub: Sendable {
  struct Connection {
    let session: SessionID
    let mailbox: any Mailbox
    /// Whose presence it wants to hear of; `nil` until it says so, which is everyone's.
    var watched: Set<UserID>?
  }

  /// A connection to be told of presence.
  struct Watcher {
    let user: UserID
    let mailbox: any Mailbox
  }

  /// Where somebody is connected besides here.
  struct Elsewhere {
    let user: User
    var sessions: Set<RemoteSession> = []
  }

  struct RemoteSession: Hashable {
    let node: NodeID
    let session: SessionID
  }

  struct State {
    var connections: [UserID: [ObjectIdentifier: Connection]] = [:]
    /// Who they are whose connections these are.
    var users: [UserID: User] = [:]
    /// The connections that hear of everyone's presence.
    var unscoped: [ObjectIdentifier: Watcher] = [:]
    /// The others by those whom they watch, so that a change costs no more than who hears of it.
    var watchers: [UserID: [ObjectIdentifier: Watcher]] = [:]
    var elsewhere: [UserID: Elsewhere] = [:]
  }

  let state = Mutex(State())
  let peers: any Peers

  public init(peers: any Peers = NoPeers()) { self.peers = peers }

  /// Adds a connection. `announcement` goes to everyone else who wants to hear of the user when it is
  /// the user's first.
  public func join(
    _ mailbox: any Mailbox, as signedIn: SignedIn, announcing announcement: OutgoingPush
  ) {
    state.withLock { state in
      let user = signedIn.user.id
      let isFirst = !state.isOnline(user)
      state.users[user] = signedIn.user
      if peers.arePresent, state.mailboxes(of: signedIn.session, of: user).isEmpty {
        peers.tell(.joined(user: signedIn.user, session: signedIn.session))
      }
      state.connections[user, default: [:]][ObjectIdentifier(mailbox)] = Connection(
        session: signedIn.session, mailbox: mailbox)
      state.unscoped[ObjectIdentifier(mailbox)] = Watcher(user: user, mailbox: mailbox)
      if isFirst { state.announce(announcement, of: user) }
    }
  }

  /// Removes a connection. `announcement` goes to everyone else who wants to hear of the user when it
  /// was the user's last; the return value says whether it was the last here.
  public func leave(
    _ mailbox: any Mailbox, as user: UserID, at time: Timestamp,
    announcing announcement: OutgoingPush
  ) -> Bool {
    state.withLock { state in
      guard var connections = state.connections[user],
        let connection = connections.removeValue(forKey: ObjectIdentifier(mailbox))
      else { return false }
      state.stopWatching(connection)
      state.connections[user] = connections.isEmpty ? nil : connections
      if connections.isEmpty { state.users[user] = nil }
      if peers.arePresent, state.mailboxes(of: connection.session, of: user).isEmpty {
        peers.tell(.left(user: user, session: connection.session, at: time))
      }
      if !state.isOnline(user) { state.announce(announcement, of: user) }
      return connections.isEmpty
    }
  }

  /// From now on a connection hears of the presence of these users only. Tells which of them are
  /// connected, and runs `body` before that can change.
  public func watch(
    _ users: Set<UserID>, by mailbox: any Mailbox, of user: UserID,
    _ body: (Set<UserID>) -> Void
  ) {
    state.withLock { state in
      state.watch(users, by: mailbox, of: user)
      body(users.filter(state.isOnline))
    }
  }

  /// How many users are connected here, and by how many connections.
  public var counts: (users: Int, connections: Int) {
    state.withLock { state in
      (state.connections.count, state.connections.values.reduce(0) { $0 + $1.count })
    }
  }

  /// The sessions of a user that are connected, here or elsewhere.
  public func sessions(of user: UserID) -> Set<SessionID> {
    state.withLock { state in
      Set((state.connections[user] ?? [:]).values.map(\.session))
        .union((state.elsewhere[user]?.sessions ?? []).map(\.session))
    }
  }

  /// Sends to every device of some users, but for the connection the cause came from.
  public func deliver(
    _ push: OutgoingPush, to users: [UserID], except origin: (any Mailbox)? = nil
  ) {
    state.withLock { state in
      state.deliver(push, to: users, except: origin)
      if peers.arePresent { peers.tell(.push(push, users: users)) }
    }
  }

  /// Sends a message that was committed to every device of some users, but for the connection that it came
  /// from.
  public func deliver(_ message: Message, to users: [UserID], except origin: any Mailbox) {
    state.withLock { state in
      state.deliver(OutgoingPush(MessagePush(message: message)), to: users, except: origin)
      if peers.arePresent {
        peers.tell(.message(message.reference, users: users))
      }
    }
  }

  /// Sends to every device of everyone.
  public func deliverToAll(_ push: OutgoingPush) {
    state.withLock { state in
      state.deliverToAll(push)
      if peers.arePresent { peers.tell(.push(push, users: nil)) }
    }
  }

  /// Tells which of some users are connected, and runs `body` before that can change.
  public func withOnline<Value: Sendable>(
    among users: [UserID], _ body: (Set<UserID>) -> Value
  ) -> Value {
    state.withLock { state in body(Set(users.filter(state.isOnline))) }
  }

  /// Closes the connections of a session, whose client comes back with its token.
  public func disconnect(_ session: SessionID, of user: UserID) {
    state.withLock { state in
      state.disconnect(session, of: user)
      if peers.arePresent { peers.tell(.disconnected(session: session, user: user)) }
    }
  }

  /// Tells the connections of a session why it is over and closes them.
  public func end(_ session: SessionID, of user: UserID, reason: String) {
    state.withLock { state in
      state.end(session, of: user, reason: reason)
      if peers.arePresent {
        peers.tell(.ended(session: session, user: user, reason: reason))
      }
    }
  }
}

extension Hub.State {
  /// Whether somebody is connected, here or elsewhere.
  func isOnline(_ user: UserID) -> Bool { connections[user] != nil || elsewhere[user] != nil }

  /// Sends to the devices that are connected here.
  func deliver(
    _ push: OutgoingPush, to users: [UserID], except origin: (any Mailbox)? = nil
  ) {
    for user in users {
      guard let connections = connections[user] else { continue }
      for connection in connections.values where connection.mailbox !== origin {
        connection.mailbox.deliver(push)
      }
    }
  }

  func deliverToAll(_ push: OutgoingPush) {
    for connections in connections.values {
      for connection in connections.values { connection.mailbox.deliver(push) }
    }
  }

  func disconnect(_ session: SessionID, of user: UserID) {
    for mailbox in mailboxes(of: session, of: user) { mailbox.close(.goingAway) }
  }

  func end(_ session: SessionID, of user: UserID, reason: String) {
    let push = OutgoingPush(SessionEndedPush(reason: reason))
    for mailbox in mailboxes(of: session, of: user) {
      mailbox.deliver(push)
      mailbox.close(.signedOut)
    }
  }

  /// The ways to the connections of a session.
  fileprivate func mailboxes(of session: SessionID, of user: UserID) -> [any Mailbox] {
    (connections[user] ?? [:]).values.filter { $0.session == session }.map(\.mailbox)
  }

  /// Tells of somebody's presence, but not their own devices.
  func announce(_ push: OutgoingPush, of user: UserID) {
    for watcher in unscoped.values where watcher.user != user { watcher.mailbox.deliver(push) }
    for watcher in (watchers[user] ?? [:]).values where watcher.user != user {
      watcher.mailbox.deliver(push)
    }
  }

  fileprivate mutating func watch(_ users: Set<UserID>, by mailbox: any Mailbox, of user: UserID) {
    let id = ObjectIdentifier(mailbox)
    // It may have gone meanwhile.
    guard var connection = connections[user]?[id] else { return }
    stopWatching(connection)
    connection.watched = users
    connections[user]?[id] = connection
    for watched in users {
      watchers[watched, default: [:]][id] = Hub.Watcher(user: user, mailbox: mailbox)
    }
  }

  fileprivate mutating func stopWatching(_ connection: Hub.Connection) {
    let id = ObjectIdentifier(connection.mailbox)
    unscoped[id] = nil
    for watched in connection.watched ?? [] {
      watchers[watched]?[id] = nil
      if watchers[watched]?.isEmpty == true { watchers[watched] = nil }
    }
  }
}
