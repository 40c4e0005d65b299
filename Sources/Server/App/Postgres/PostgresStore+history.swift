import MartletProtocol
import ServerCore

extension PostgresStore {
  func history(
    of conversation: ConversationID, anchor: HistoryAnchor, limit: Int, maximumBytes: Int
  ) async throws(StoreError) -> HistoryPage {
    try await pool.run { connection throws(PostgresError) in
      let stretch: Stretch
      switch anchor {
      case .latest:
        stretch = try connection.messages(
          of: conversation, before: MessageSequence(.max), limit, maximumBytes)
      case .before(let sequence):
        stretch = try connection.messages(of: conversation, before: sequence, limit, maximumBytes)
      case .after(let sequence):
        stretch = try connection.messages(of: conversation, after: sequence, limit, maximumBytes)
      case .around(let sequence):
        // The place itself counts to the older half, so that it is there even for a limit of one.
        let older = try connection.messages(
          of: conversation, before: sequence.next, (limit + 1) / 2, maximumBytes / 2)
        let newer =
          limit < 2
          ? Stretch(messages: [], more: false)
          : try connection.messages(of: conversation, after: sequence, limit / 2, maximumBytes / 2)
        stretch = Stretch(messages: older.messages + newer.messages, more: older.more)
      }
      let reads = try connection.execute(ListReadMarks(conversation: conversation))
      return HistoryPage(messages: stretch.messages, more: stretch.more, reads: reads)
    }
  }
}

extension PostgresStore {
  func messages(
    at references: [MessageReference]
  ) async throws(StoreError) -> (found: [Message], locked: Set<ConversationID>) {
    try await pool.run { connection throws(PostgresError) in
      do throws(PostgresError) {
        // Planned once: to plan for each conversation costs more than all else.
        return (
          try connection.execute(ListMessagesOfConversations(references: references)), []
        )
      } catch {
        // A part is written anew: those in others need not wait for it any longer.
        guard error.kind == .locked else { throw error }
      }
      var found: [Message] = []
      var locked: Set<ConversationID> = []
      for (conversation, references) in Dictionary(grouping: references, by: \.conversation) {
        do throws(PostgresError) {
          found += try connection.execute(
            ListMessagesAt(conversation: conversation, places: references.map(\.sequence))
          ).map(\.message)
        } catch {
          guard error.kind == .locked else { throw error }
          locked.insert(conversation)
        }
      }
      return (found, locked)
    }
  }
}

/// Messages in ascending order, and whether there were more in the direction asked for.
private struct Stretch {
  let messages: [Message]
  let more: Bool
}

extension PostgresConnection {
  fileprivate func messages(
    of conversation: ConversationID, before sequence: MessageSequence, _ limit: Int,
    _ maximumBytes: Int
  ) throws(PostgresError) -> Stretch {
    let found = try execute(
      ListMessagesBefore(conversation: conversation, sequence: sequence, limit: limit + 1))
    let kept = found.prefix(limit).prefixWithin(bytes: maximumBytes)
    return Stretch(messages: kept.reversed(), more: kept.count < found.count)
  }

  fileprivate func messages(
    of conversation: ConversationID, after sequence: MessageSequence, _ limit: Int,
    _ maximumBytes: Int
  ) throws(PostgresError) -> Stretch {
    let found = try execute(
      ListMessagesAfter(conversation: conversation, sequence: sequence, limit: limit + 1))
    let kept = found.prefix(limit).prefixWithin(bytes: maximumBytes)
    return Stretch(messages: Array(kept), more: kept.count < found.count)
  }
}

extension ArraySlice<Message> {
  /// As many as fit, at least one.
  fileprivate func prefixWithin(bytes: Int) -> ArraySlice<Message> {
    var left = bytes
    var kept = startIndex
    for message in self {
      left -= message.text.utf8.count + (message.attachment?.name.utf8.count ?? 0)
      guard left >= 0 || kept == startIndex else { break }
      kept += 1
    }
    return self[..<kept]
  }
}
