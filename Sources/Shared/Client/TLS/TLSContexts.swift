import NIOCore
import NIOSSL
import Synchronization

/// What NIOSSL makes connections from, once per set of roots: reading the system's takes milliseconds.
enum TLSContexts {
  private static let made = Mutex<[TLSPolicy.Roots: NIOSSLContext]>([:])
  /// For servers of which the key is known: no roots at all.
  private static let pinned = Result {
    var configuration = base
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .certificates([])
    return try NIOSSLContext(configuration: configuration)
  }

  /// - Throws: ``TLSPolicy/UnusableRoots``.
  static func context(
    for policy: TLSPolicy
  ) throws(TLSPolicy.UnusableRoots) -> NIOSSLContext {
    do {
      guard policy.pin == nil else { return try pinned.get() }
      return try made.withLock { made in
        if let context = made[policy.roots] { return context }
        let context = try NIOSSLContext(configuration: configuration(policy.roots))
        made[policy.roots] = context
        return context
      }
    } catch {
      switch policy.roots {
      case .system: throw TLSPolicy.UnusableRoots(path: "of the system's certificates")
      case .file(let path): throw TLSPolicy.UnusableRoots(path: path)
      }
    }
  }

  private static func configuration(_ roots: TLSPolicy.Roots) throws -> TLSConfiguration {
    var configuration = base
    switch roots {
    case .system: configuration.trustRoots = .default
    // Read here, as a file without certificates would be an empty set of roots.
    case .file(let path):
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path))
    }
    return configuration
  }

  private static var base: TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    configuration.shutdownTimeout = .seconds(2)
    return configuration
  }
}
