import Logging
import ServerCore

/// All that deals with the files of attachments, as one running server has it.
struct Files: Sendable {
  let store: FileStore
  private let sweeper: AttachmentSweeper?
  private let transfers = Transfers()

  /// - Parameter isSwept: whether files that are not needed any more are removed.
  /// - Throws: ``OperatorError`` when the files cannot be kept there.
  init(
    in directory: String, isSwept: Bool, writingWith write: @escaping OpenFile.Write,
    store rows: PostgresStore, logger: Logger
  ) throws(OperatorError) {
    store = try FileStore(in: directory, writingWith: write)
    sweeper =
      isSwept
      ? AttachmentSweeper(store: rows, files: store, transfers: transfers, logger: logger) : nil
  }

  /// What is to be woken when files are not needed any more.
  var cleaners: [any Cleaner] { sweeper.map { [$0] } ?? [] }

  /// What serves the files over HTTP.
  func routes(for chat: Chat, logger: Logger) -> AttachmentRoutes {
    AttachmentRoutes(chat: chat, files: store, transfers: transfers, logger: logger)
  }

  /// Finishes what is being written, and removes nothing any more.
  func close(logger: Logger) async {
    await sweeper?.close()
    do {
      try await store.close()
    } catch {
      logger.warning("the threads for files did not stop", metadata: ["cause": "\(error)"])
    }
  }
}
