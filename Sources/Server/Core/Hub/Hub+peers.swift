public import MartletProtocol
import Synchronization

/// What other nodes tell.
extension Hub {
  /// Takes over what another node has told, but for messages, whose texts are to be read first; see
  /// ``deliverHere(_:to:)``.
  public func hear(_ event: NodeEvent, from node: NodeID, at now: Timestamp) {
    state.withLock { state in
      switch event {
      case .push(let frame, let users, let isEphemeral):
        let push = OutgoingPush(frame: frame, isEphemeral: isEphemeral)
        if let users { state.deliver(push, to: users) } else { state.deliverToAll(push) }
      case .joined(let user, let session):
        state.add(RemoteSession(node: node, session: session), of: user)
      case .left(let user, let session, let time):
        state.remove(RemoteSession(node: node, session: session), of: user, at: time)
      case .ended(let session, let user, let reason):
        state.end(session, of: user, reason: reason)
      case .disconnected(let session, let user):
        state.disconnect(session, of: user)
      case .present(let sessions):
        let present = Set(sessions.map { RemoteSession(node: node, session: $0.session) })
        for signedIn in sessions {
          state.add(RemoteSession(node: node, session: signedIn.session), of: signedIn.user)
        }
        state.removeSessions(of: node, besides: present, at: now)
      case .leaving, .overflowed:
        // Whoever could not tell everything tells afterwards who is connected.
        state.removeSessions(of: node, besides: [], at: now)
      case .message: break
      }
    }
  }

  /// A node is gone, and the sessions that it had. Returns who is offline by that.
  public func forget(_ node: NodeID, at now: Timestamp) -> [UserID] {
    state.withLock { state in
      let known = state.elsewhere.filter { $0.value.sessions.contains { $0.node == node } }
      state.removeSessions(of: node, besides: [], at: now)
      return known.keys.filter { !state.isOnline($0) }
    }
  }

  /// Forgets all that other nodes have told.
  public func forgetPeers(at now: Timestamp) {
    state.withLock { state in
      for node in Set(state.elsewhere.values.flatMap(\.sessions).map(\.node)) {
        state.removeSessions(of: node, besides: [], at: now)
      }
    }
  }

  /// Tells the other nodes who is connected here; from then on they hear of every change.
  public func introduce() {
    state.withLock { state in peers.tell(.present(sessions: state.signedIn)) }
  }

  /// Sends a message that another node has committed to the devices here.
  public func deliverHere(_ message: Message, to users: [UserID]) {
    let push = OutgoingPush(MessagePush(message: message))
    state.withLock { state in state.deliver(push, to: users) }
  }

  /// Whether any of some users is connected here.
  public func isAnyoneHere(of users: [UserID]) -> Bool {
    state.withLock { state in users.contains { state.connections[$0] != nil } }
  }

  /// Has the devices of some users that are connected here come again, to load what they have missed.
  public func disconnectHere(_ users: Set<UserID>) {
    state.withLock { state in
      for user in users {
        for connection in (state.connections[user] ?? [:]).values {
          connection.mailbox.close(.goingAway)
        }
      }
    }
  }
}

extension Hub.State {
  /// The sessions that are connected here.
  fileprivate var signedIn: [SignedIn] {
    connections.flatMap { id, connections in
      users[id].map { user in
        Set(connections.values.map(\.session)).map { SignedIn(user: user, session: $0) }
      } ?? []
    }
  }

  fileprivate mutating func add(_ session: Hub.RemoteSession, of user: User) {
    let isFirst = !isOnline(user.id)
    elsewhere[user.id, default: Hub.Elsewhere(user: user)].sessions.insert(session)
    if isFirst {
      announce(OutgoingPush(PresencePush(user: user, online: true, lastSeen: nil)), of: user.id)
    }
  }

  fileprivate mutating func remove(
    _ session: Hub.RemoteSession, of id: UserID, at time: Timestamp
  ) {
    guard var known = elsewhere[id], known.sessions.remove(session) != nil else { return }
    elsewhere[id] = known.sessions.isEmpty ? nil : known
    guard !isOnline(id) else { return }
    announce(
      OutgoingPush(PresencePush(user: known.user, online: false, lastSeen: time)), of: id)
  }

  fileprivate mutating func removeSessions(
    of node: NodeID, besides kept: Set<Hub.RemoteSession>, at time: Timestamp
  ) {
    for (user, known) in elsewhere {
      for session in known.sessions where session.node == node && !kept.contains(session) {
        remove(session, of: user, at: time)
      }
    }
  }
}

extension NodeEvent {
  /// A push that other nodes are to send, too.
  static func push(_ push: OutgoingPush, users: [UserID]?) -> NodeEvent {
    .push(
      frame: String(decoding: push.frame, as: UTF8.self), users: users,
      isEphemeral: push.isEphemeral)
  }
}
