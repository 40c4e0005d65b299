import Dispatch
import Logging
import MartletClient
import MartletProtocol
import Synchronization
import TUICore

/// Keeps drafts and outbox of the account that is signed in: changed in memory at once, written by a
/// thread of its own, so that no key waits for a disk.
final class SavedStateKeeper {
  private let directory: String
  private let server: ServerAddress
  private let logger: Logger
  private let writer = DispatchQueue(label: "martlet.saved-state")
  private var current: (user: UserID, file: SavedStateFile, state: SavedState)?
  /// What is to be written next: on a slow disk only the last of many changes is. Another account's
  /// never takes its place, as reading that waits for the writer.
  private let unwritten = Unwritten()

  init(directory: String, server: ServerAddress, logger: Logger) {
    self.directory = directory
    self.server = server
    self.logger = logger
  }

  /// Reads what an account left behind.
  func load(_ user: UserID, serverID: String) -> SavedState {
    let file = SavedStateFile(
      in: directory, server: server, serverID: serverID, user: user)
    // Behind whatever is still being written there.
    let state = writer.sync { [logger] in
      do {
        return try file.load()
      } catch {
        // What a decoder says may quote what was written, which is nothing for a log.
        let cause = error is DecodingError ? "damaged" : "\(error)"
        logger.error("drafts and outbox cannot be read", metadata: ["error": "\(cause)"])
        return SavedState()
      }
    }
    current = (user, file, state)
    return state
  }

  func saveDraft(_ user: UserID, _ target: Target, _ text: String) {
    save(user) { $0.drafts[target] = text.isEmpty ? nil : text }
  }

  func saveOutbox(_ user: UserID, _ messages: [OutgoingMessage]) {
    save(user) { $0.outbox = messages }
  }

  /// Waits until everything is written.
  func flush() { writer.sync {} }

  private func save(_ user: UserID, _ change: (inout SavedState) -> Void) {
    // Without having read what was kept before, writing would lose it.
    guard var current, current.user == user else { return }
    change(&current.state)
    self.current = current
    guard unwritten.replace(with: (current.file, current.state)) else { return }
    writer.async { [logger, unwritten] in
      guard let (file, state) = unwritten.take() else { return }
      do {
        try file.store(state)
      } catch {
        logger.error("drafts and outbox cannot be stored", metadata: ["error": "\(error)"])
      }
    }
  }
}

/// The one change that waits for the writer.
private final class Unwritten: Sendable {
  private let state = Mutex<(file: SavedStateFile, state: SavedState)?>(nil)

  /// `true` if nothing waited before, so that the writer has to be called.
  func replace(with new: (file: SavedStateFile, state: SavedState)) -> Bool {
    state.withLock { state in
      defer { state = new }
      return state == nil
    }
  }

  func take() -> (file: SavedStateFile, state: SavedState)? {
    state.withLock { state in
      defer { state = nil }
      return state
    }
  }
}
