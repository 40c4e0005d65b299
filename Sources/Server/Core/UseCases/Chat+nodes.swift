import Logging
import MartletProtocol

/// What other nodes tell, and what becomes of it here.
extension Chat {
  /// Takes over what another node has told, in its order.
  public func hear(_ events: [NodeEvent], from node: NodeID) async {
    let (texts, unread) = await messages(of: events)
    for event in events {
      if case .message(let reference, let users) = event {
        if let message = texts[reference] { hub.deliverHere(message, to: users) }
      } else {
        hub.hear(event, from: node, at: outside.now())
      }
    }
    // They come again, and load what they have missed.
    if !unread.isEmpty { hub.disconnectHere(unread) }
  }

  /// A node is gone without a word.
  ///
  /// - Parameter isRecorder: whether it is this node that writes down when its people were last seen.
  public func forget(_ node: NodeID, recording isRecorder: Bool) async {
    let now = outside.now()
    let gone = hub.forget(node, at: now)
    guard isRecorder else { return }
    for user in gone {
      do {
        try await outside.accounts.recordLastSeen(user, at: now)
      } catch {
        outside.logger.notice(
          "could not record when somebody was last seen", metadata: ["user": "\(user)"])
      }
    }
  }

  /// Reads the messages that somebody who is connected here is to have, and tells whose could not be read.
  private func messages(
    of events: [NodeEvent]
  ) async -> (texts: [MessageReference: Message], unread: Set<UserID>) {
    var wanted: [MessageReference: [UserID]] = [:]
    for case .message(let reference, let users) in events where hub.isAnyoneHere(of: users) {
      wanted[reference] = users
    }
    guard !wanted.isEmpty else { return ([:], []) }
    do {
      let (found, locked) = try await outside.conversations.messages(at: Array(wanted.keys))
      return (
        Dictionary(found.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first }),
        Set(wanted.filter { locked.contains($0.key.conversation) }.flatMap(\.value))
      )
    } catch {
      outside.logger.notice(
        "messages of other nodes could not be read; clients look for them",
        metadata: ["messages": "\(wanted.count)", "cause": "\(error)"])
      return ([:], Set(wanted.values.flatMap(\.self)))
    }
  }
}
