import MartletProtocol
import ServerCore
import Synchronization

/// A writer that stores nothing until it is told what became of the oldest message it holds.
final class ManualWriter: MessageWriter {
  private struct Submission: Sendable {
    let message: NewMessage
    let completion: @Sendable (Result<StoredMessage, StoreError>) -> Void
  }

  private let waiting = Mutex<[Submission]>([])

  /// The texts of the messages that wait, in the order they were submitted.
  var texts: [String] { waiting.withLock { $0.map(\.message.text) } }

  func submit(
    _ message: NewMessage,
    completion: @escaping @Sendable (Result<StoredMessage, StoreError>) -> Void
  ) {
    waiting.withLock { $0.append(Submission(message: message, completion: completion)) }
  }

  /// Completes the oldest message as stored, in another conversation if one is given.
  func commit(as sequence: MessageSequence, in conversation: ConversationID? = nil) {
    let next = waiting.withLock { $0.removeFirst() }
    next.completion(
      .success(
        StoredMessage(
          Message(
            conversation: conversation ?? next.message.conversation, sequence: sequence,
            sender: next.message.sender, sentAt: .sample, key: next.message.key,
            text: next.message.text))))
  }

  /// Completes the oldest message as refused.
  func fail(_ error: StoreError) {
    waiting.withLock { $0.removeFirst() }.completion(.failure(error))
  }
}
