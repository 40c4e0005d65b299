import Glibc

/// Where a server listens: `wss://host:port` with TLS, `ws://host:port` without; `https` and `http`
/// mean the same, and without a scheme, as in `host`, `host:port` or `[::1]:port`, there is no TLS.
public struct ServerAddress: Hashable, Sendable {
  /// The port that is meant when none is given.
  public static let defaultPort = 7788
  /// Where the server takes WebSocket connections.
  static let socketPath = "/v1/socket"
  /// The WebSocket subprotocol both sides must agree on.
  static let subprotocol = "martlet.v1"

  /// A host name, or an IPv4 or IPv6 address without brackets.
  public let host: String
  /// A port from 1 to 65535.
  public let port: Int
  /// Whether connections to it are encrypted, and the server has to prove who it is.
  public let usesTLS: Bool

  /// Why a text is not the address of a server.
  public enum ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address begins with a scheme that is none of `wss`, `ws`, `https` and `http`.
    case unknownScheme(String)
    /// The host is missing or cannot be one.
    case invalidHost
    /// The port is not a number from 1 to 65535.
    case invalidPort
    /// The address names a path, a user or a query, none of which a server has.
    case unexpectedParts

    /// What is wrong and what to write instead, for people.
    public var description: String {
      switch self {
      case .unknownScheme(let scheme):
        "A server address begins with wss://, ws:// or the host, not with \(scheme)://."
      case .invalidHost: "The server address has no valid host; write wss://host:port."
      case .invalidPort: "The port of a server is a number from 1 to 65535."
      case .unexpectedParts:
        "A server address is only wss://host:port, without a path, a user or a query."
      }
    }
  }

  /// Names a server by its parts.
  ///
  /// - Throws: ``ParseError`` when the host is empty or has characters that no host has, or the port
  ///   is out of range.
  public init(
    host: String, port: Int = defaultPort, usesTLS: Bool = false
  ) throws(ParseError) {
    guard !host.isEmpty, host.unicodeScalars.allSatisfy(Self.isHostScalar) else {
      throw .invalidHost
    }
    guard (1...65535).contains(port) else { throw .invalidPort }
    self.host = host.lowercased()
    self.port = port
    self.usesTLS = usesTLS
  }

  /// Reads an address.
  public init(parsing text: String) throws(ParseError) {
    var rest = Substring(text)
    var usesTLS = false
    if let end = rest.firstRange(of: "://") {
      switch rest[..<end.lowerBound].lowercased() {
      case "ws", "http": break
      case "wss", "https": usesTLS = true
      case let scheme: throw .unknownScheme(scheme)
      }
      rest = rest[end.upperBound...]
    }
    if rest.last == "/" { rest.removeLast() }
    guard !rest.contains(where: { "/?#@".contains($0) }) else { throw .unexpectedParts }

    let host: Substring
    let port: Substring?
    if rest.first == "[" {
      guard let close = rest.firstIndex(of: "]") else { throw .invalidHost }
      host = rest[rest.index(after: rest.startIndex)..<close]
      let tail = rest[rest.index(after: close)...]
      guard tail.isEmpty || tail.first == ":" else { throw .invalidHost }
      guard host.contains(":") else { throw .invalidHost }
      port = tail.isEmpty ? nil : tail.dropFirst()
    } else if let colon = rest.firstIndex(of: ":"), colon == rest.lastIndex(of: ":") {
      host = rest[..<colon]
      port = rest[rest.index(after: colon)...]
    } else {
      // No colon, or an IPv6 address that was written without its brackets.
      host = rest
      port = nil
    }
    guard let port else {
      try self.init(host: String(host), usesTLS: usesTLS)
      return
    }
    guard port.utf8.count <= 5, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(port)
    else { throw .invalidPort }
    try self.init(host: String(host), port: number, usesTLS: usesTLS)
  }

  /// Whether it is an address of this machine, so that nobody else is on the way.
  public var isLoopback: Bool {
    host == "localhost" || host == "::1" || (host.hasPrefix("127.") && isIPAddress)
  }

  /// Whether the host is an address and no name.
  var isIPAddress: Bool {
    var space = in6_addr()
    return inet_pton(AF_INET, host, &space) == 1 || inet_pton(AF_INET6, host, &space) == 1
  }

  /// What stands in the `Host` field of a request, and names the server where its key is kept.
  public var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Letters, digits and what else host names and addresses are written with. Everything that could
  /// end a line of an HTTP header is outside.
  private static func isHostScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", ":", "%": true
    case _: false
    }
  }
}

extension ServerAddress: CustomStringConvertible {
  /// The address in its one canonical form, `ws://host:port` or `wss://host:port`.
  public var description: String { "\(usesTLS ? "wss" : "ws")://\(authority)" }
}
