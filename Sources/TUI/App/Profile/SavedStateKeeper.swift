import Dispatch
import Logging
import MartletClient
import MartletProtocol
import TUICore

/// Keeps drafts and outbox of the account that is signed in: changed in memory at once, written by a
/// thread of its own, so that no key waits for a disk.
final class SavedStateKeeper {
  private let directory: String
  private let server: ServerAddress
  private let logger: Logger
  private let writer = DispatchQueue(label: "martlet.saved-state")
  private var current: (user: UserID, file: SavedStateFile, state: SavedState)?

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
    let state = writer.sync { file.load() }
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
    let (file, state) = (current.file, current.state)
    writer.async { [logger] in
      do {
        try file.store(state)
      } catch {
        logger.error("drafts cannot be stored", metadata: ["error": "\(error)"])
      }
    }
  }
}
