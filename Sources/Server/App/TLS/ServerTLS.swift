import Logging
import NIOSSL
import Synchronization

/// The certificate that new connections are shown.
final class ServerTLS: Sendable {
  private let files: TLSFiles
  private let logger: Logger
  private let current: Mutex<NIOSSLContext>

  /// - Throws: ``OperatorError``, as ``TLSFiles/load(logger:)`` does.
  init(_ files: TLSFiles, logger: Logger) throws(OperatorError) {
    self.files = files
    self.logger = logger
    current = Mutex(try files.load(logger: logger))
  }

  /// What a connection that begins now is to use, for all its life.
  var context: NIOSSLContext { current.withLock { $0 } }

  /// Reads the files again. When they cannot be used, those read before stay in use.
  func reload() {
    do {
      let context = try files.load(logger: logger)
      current.withLock { $0 = context }
      logger.notice("certificate read again", metadata: ["file": "\(files.certificate)"])
    } catch {
      logger.error(
        "the certificate was not read again: the old one stays", metadata: ["cause": "\(error)"])
    }
  }
}
