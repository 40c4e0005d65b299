/// Which servers a connection with TLS believes. It plays no part in connections without.
public struct TLSPolicy: Hashable, Sendable {
  /// Those who may vouch for a server's certificate.
  public enum Roots: Hashable, Sendable {
    /// Those that the system trusts.
    case system
    /// Only those in a PEM file.
    case file(String)
  }

  /// Whom to believe about a server of which no key is known.
  public var roots: Roots
  /// The one key that the server must have; nothing else about its certificate counts then, neither
  /// who signed it, nor its names and dates, as with the host keys of `ssh`. A certificate that the
  /// roots vouch for is refused, too, when it has another key: whoever wants a key and no other wants
  /// it most when somebody has talked a certificate authority into vouching for a stranger.
  public var pin: KeyFingerprint?

  /// Believes the system's roots.
  public init(roots: Roots = .system, pin: KeyFingerprint? = nil) {
    self.roots = roots
    self.pin = pin
  }

  /// Reads the roots, which else happens at the first connection.
  ///
  /// - Throws: ``UnusableRoots``.
  public func prepare() throws(UnusableRoots) { _ = try TLSContexts.context(for: self) }

  /// The file with the roots cannot be read, or holds no certificates in PEM.
  public struct UnusableRoots: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String

    public var description: String {
      "The file \(path) cannot be read, or holds no certificates in PEM."
    }
  }
}

/// Why a server is not believed to be the one that was meant. Nothing was sent to it.
public enum UntrustedServer: Error, Hashable, Sendable {
  /// None of the roots vouches for it. Somebody who knows its key's fingerprint may say so, and connect
  /// again with ``TLSPolicy/pin``.
  case unknown(KeyFingerprint)
  /// It has another key than ``TLSPolicy/pin``.
  case changed(KeyFingerprint)
  /// Its certificate has expired, or is not valid yet.
  case outOfDate
  /// Its certificate is for other names.
  case otherName
}

extension UntrustedServer: CustomStringConvertible {
  /// What is wrong, for people.
  public var description: String {
    switch self {
    case .unknown(let key): "The server is not known; its key is \(key)."
    case .changed(let key): "The server has another key than before: \(key)."
    case .outOfDate: "The server's certificate is out of date."
    case .otherName: "The server's certificate is for another server."
    }
  }
}
