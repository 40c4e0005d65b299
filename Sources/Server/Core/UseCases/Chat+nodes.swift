import Logging
import MartletProtocol

/// What other nodes tell, and what becomes of it here.
extension Chat {
  /// Takes over what another node has told, the messages first.
  public func hear(_ events: [NodeEvent], from node: NodeID) async {
    await deliver(
      events.compactMap { event in
        guard case .message(let conversation, let sequence) = event else { return nil }
        return MessageReference(conversation: conversation, sequence: sequence)
      })
    for event in events { hub.hear(event, from: node, at: outside.now()) }
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

  /// Sends messages that another node has committed to whoever is connected here.
  private func deliver(_ references: [MessageReference]) async {
    var members: [ConversationID: [UserID]] = [:]
    do {
      for reference in references where members[reference.conversation] == nil {
        members[reference.conversation] =
          try await directory.members(of: reference.conversation) ?? []
      }
      let wanted = references.filter { hub.isAnyoneHere(of: members[$0.conversation] ?? []) }
      guard !wanted.isEmpty else { return }
      for message in try await outside.conversations.messages(at: wanted) {
        hub.deliverHere(message, to: members[message.conversation] ?? [])
      }
    } catch {
      outside.logger.notice(
        "messages of other nodes could not be read; clients look for them",
        metadata: ["messages": "\(references.count)", "cause": "\(error)"])
      hub.disconnectHere(references.map { members[$0.conversation] })
    }
  }
}
