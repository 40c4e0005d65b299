public import MartletProtocol
import Synchronization

/// Who is connected to this node, and the way to each of their devices.
///
/// Pushes are handed to mailboxes under the lock, so that two pushes reach every receiver in the
/// order in which they were made; a mailbox only queues, so the lock is short.
public final class Hub: Sendable {
  fileprivate struct Connection {
    let session: SessionID
    let mailbox: any Mailbox
  }

  fileprivate struct State {
    var connections: [UserID: [ObjectIdentifier: Connection]] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Adds a connection. `announcement` goes to everyone else when it is the user's first.
  public func join(
    _ mailbox: any Mailbox, as signedIn: SignedIn, announcing announcement: OutgoingPush
  ) {
    state.withLock { state in
      let user = signedIn.user.id
      let isFirst = state.connections[user] == nil
      state.connections[user, default: [:]][ObjectIdentifier(mailbox)] = Connection(
        session: signedIn.session, mailbox: mailbox)
      if isFirst { state.deliverToAll(announcement, except: user) }
    }
  }

  /// Removes a connection. `announcement` goes to everyone else when it was the user's last; the
  /// return value says whether it was.
  public func leave(
    _ mailbox: any Mailbox, as user: UserID, announcing announcement: OutgoingPush
  ) -> Bool {
    state.withLock { state in
      guard var connections = state.connections[user],
        connections.removeValue(forKey: ObjectIdentifier(mailbox)) != nil
      else { return false }
      state.connections[user] = connections.isEmpty ? nil : connections
      guard connections.isEmpty else { return false }
      state.deliverToAll(announcement, except: user)
      return true
    }
  }

  /// Sends to every device of some users, but for the connection the cause came from.
  public func deliver(
    _ push: OutgoingPush, to users: [UserID], except origin: (any Mailbox)? = nil
  ) {
    state.withLock { state in
      for user in users {
        guard let connections = state.connections[user] else { continue }
        for connection in connections.values where connection.mailbox !== origin {
          connection.mailbox.deliver(push)
        }
      }
    }
  }

  /// Sends to every device of everyone.
  public func deliverToAll(_ push: OutgoingPush) {
    state.withLock { $0.deliverToAll(push, except: nil) }
  }

  /// Tells which of some users are connected, and runs `body` before that can change.
  public func withOnline<Value: Sendable>(
    among users: [UserID], _ body: (Set<UserID>) -> Value
  ) -> Value {
    state.withLock { state in body(Set(users.filter { state.connections[$0] != nil })) }
  }

  /// Tells the connections of a session why it is over and closes them.
  public func end(_ session: SessionID, of user: UserID, reason: String) {
    let push = OutgoingPush(SessionEndedPush(reason: reason))
    state.withLock { state in
      for connection in (state.connections[user] ?? [:]).values
      where connection.session == session {
        connection.mailbox.deliver(push)
        connection.mailbox.close(.signedOut)
      }
    }
  }
}

extension Hub.State {
  fileprivate func deliverToAll(_ push: OutgoingPush, except user: UserID?) {
    for (receiver, connections) in connections where receiver != user {
      for connection in connections.values { connection.mailbox.deliver(push) }
    }
  }
}
