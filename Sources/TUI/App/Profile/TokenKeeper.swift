import Logging
import MartletClient
import MartletProtocol

/// Keeps the token of the session in its file, and the session going when that fails.
final class TokenKeeper: Sendable {
  private let file: TokenFile
  private let server: ServerAddress
  private let logger: Logger

  init(file: TokenFile, server: ServerAddress, logger: Logger) {
    self.file = file
    self.server = server
    self.logger = logger
  }

  /// Stores a new session's token. When that fails, the session goes on; only the next start will ask
  /// for the password.
  func keep(_ reply: Login.Reply) {
    do {
      try file.store(reply.token, name: reply.user.name, for: server)
    } catch {
      logger.error("the token cannot be stored", metadata: ["error": "\(error)"])
    }
  }

  func forget() {
    do {
      try file.forget()
    } catch {
      logger.error("the token cannot be removed", metadata: ["error": "\(error)"])
    }
  }
}
