import Logging
import ServerCore

/// All that deals with the files of attachments, as one running server has it.
struct Files: Sendable {
  let store: FileStore
  let sweeper: AttachmentSweeper
  private let transfers = Transfers()

  /// - Throws: ``OperatorError`` when the files cannot be kept there.
  init(
    in directory: String, writingWith write: @escaping OpenFile.Write,
    store rows: PostgresStore, logger: Logger
  ) throws(OperatorError) {
    store = try FileStore(in: directory, writingWith: write)
    sweeper = AttachmentSweeper(store: rows, files: store, transfers: transfers, logger: logger)
  }

  /// What serves the files over HTTP.
  func routes(for chat: Chat, logger: Logger) -> AttachmentRoutes {
    AttachmentRoutes(chat: chat, files: store, transfers: transfers, logger: logger)
  }

  /// Finishes what is being written, and removes nothing any more.
  func close(logger: Logger) async {
    await sweeper.close()
    do {
      try await store.close()
    } catch {
      logger.warning("the threads for files did not stop", metadata: ["cause": "\(error)"])
    }
  }
}
