import MartletProtocol
import ServerCore

extension PostgresStore {
  /// Several statements, since each sees what was committed before it: a message stored just before
  /// the conversation was locked is found by the one that deletes.
  ///
  /// Locks are taken in this order by everybody: conversation, attachments by number.
  func clear(_ conversation: ConversationID) async throws(StoreError) -> MessageSequence? {
    try await pool.run { connection throws(PostgresError) in
      try connection.transaction { () throws(PostgresError) -> MessageSequence? in
        let close = CloseHistory(conversation: conversation)
        guard let sequence = try connection.execute(close).first else { return nil }
        let attachments = try connection.execute(
          DeleteMessages(conversation: conversation, sequence: sequence))
        if !attachments.isEmpty {
          _ = try connection.execute(LockAttachments(attachments: attachments))
          _ = try connection.execute(DeleteUnusedAttachments(attachments: attachments))
        }
        _ = try connection.execute(
          RaiseReadMarks(conversation: conversation, sequence: sequence))
        return sequence
      }
    }
  }
}
