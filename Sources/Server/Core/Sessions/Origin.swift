/// Where a connection comes from, as far as limits are concerned.
public enum Origin: Hashable, Sendable {
  /// This machine: whoever works on it, or a proxy that does not say for whom it asks.
  case local
  /// The bytes of an IPv4 address, or the first eight of an IPv6 one: the network of one customer.
  case network([UInt8])
}

extension Origin: CustomStringConvertible {
  public var description: String {
    switch self {
    case .local: "local"
    case .network(let bytes) where bytes.count == 4:
      bytes.map(String.init).joined(separator: ".")
    case .network(let bytes):
      stride(from: 0, to: bytes.count - 1, by: 2)
        .map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        .joined(separator: ":") + "::/64"
    }
  }
}
