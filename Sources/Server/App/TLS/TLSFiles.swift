import Glibc
import Logging
import MartletProtocol
import NIOCore
import NIOSSL

/// Where the operator keeps the certificate and its key.
struct TLSFiles: Hashable, Sendable {
  /// PEM: the server's certificate first, then those that lead from it to a root.
  var certificate: String
  /// PEM, without a password: nobody is there to type one.
  var key: String

  /// Reads both.
  ///
  /// - Throws: ``OperatorError`` when one cannot be read, or they do not belong together.
  func load(logger: Logger) throws(OperatorError) -> NIOSSLContext {
    let chain = try read(certificate, "certificate") {
      try NIOSSLCertificate.fromPEMFile(certificate)
    }
    guard let leaf = chain.first else {
      throw OperatorError("There is no certificate in \(certificate).")
    }
    let privateKey = try read(key, "key") { try NIOSSLPrivateKey(file: key, format: .pem) }
    warnIfOpen(logger)
    if leaf.notValidAfter < time(nil) {
      logger.warning("the certificate has expired", metadata: ["file": "\(certificate)"])
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    // RFC 8996: nothing older is to be negotiated.
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    configuration.shutdownTimeout = .seconds(2)
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw OperatorError(
        "The key in \(key) does not belong to the certificate in \(certificate).")
    }
  }

  /// Makes sure that the certificate has not expired: no client would accept it.
  ///
  /// - Throws: ``OperatorError`` when it has, or cannot be read.
  func checkExpiry() throws(OperatorError) {
    let chain = try read(certificate, "certificate") {
      try NIOSSLCertificate.fromPEMFile(certificate)
    }
    guard let leaf = chain.first, leaf.notValidAfter < time(nil) else { return }
    let day = "\(Timestamp(milliseconds: Int64(leaf.notValidAfter) * 1000))".prefix(10)
    throw OperatorError("The certificate in \(certificate) expired on \(day); renew it.")
  }

  private func read<Value>(
    _ path: String, _ what: String, _ body: () throws -> Value
  ) throws(OperatorError) -> Value {
    guard access(path, R_OK) == 0 else {
      throw OperatorError("Cannot read the \(what) \(path): \(String(cString: strerror(errno))).")
    }
    do {
      return try body()
    } catch {
      throw OperatorError("\(path) holds no \(what) in PEM that can be used.")
    }
  }

  private func warnIfOpen(_ logger: Logger) {
    var status = stat()
    guard stat(key, &status) == 0, status.st_mode & 0o077 != 0 else { return }
    logger.warning(
      "others than its owner may read the TLS key; chmod 600 it", metadata: ["file": "\(key)"])
  }
}
