import Glibc
import NIOHTTP1
import ServerCore

extension Origin {
  /// The origin of an address, `nil` for what is none. An IPv6 address counts by its first 64 bits, the
  /// least that a customer has (RFC 6177); an IPv4 one that is written as IPv6 as what it is (RFC 4291,
  /// 2.5.5.2).
  init?(ipAddress: String) {
    guard let bytes = Self.bytes(ofAddress: ipAddress) else { return nil }
    if bytes.count == 4 {
      self = bytes.first == 127 ? .local : .network(bytes)
    } else {
      self = bytes == Self.loopback ? .local : .network(Array(bytes.prefix(8)))
    }
  }

  /// The four bytes of an IPv4 address, also of one that is written as IPv6, or the sixteen of an IPv6 one;
  /// `nil` for what is none.
  static func bytes(ofAddress address: String) -> [UInt8]? {
    if let bytes = Self.bytes(of: address, AF_INET, count: 4) { return bytes }
    guard let bytes = Self.bytes(of: address, AF_INET6, count: 16) else { return nil }
    return bytes.starts(with: Self.mappedPrefix) ? Array(bytes.suffix(4)) : bytes
  }

  /// Where a request comes from: from the other end of its connection or, if that is a proxy that is trusted,
  /// from where the proxy says, last in `X-Forwarded-For`, with or without a port. What stands before that is
  /// the word of whoever asked the proxy.
  init(of head: HTTPRequestHead, from connection: Origin, trustingProxy: Bool) {
    self = connection
    guard trustingProxy,
      let named = head.headers[canonicalForm: "X-Forwarded-For"].last,
      let origin = Self(ipAddress: Self.withoutPort(named))
    else { return }
    self = origin
  }

  private static func withoutPort(_ address: Substring) -> String {
    if address.hasPrefix("[") { return String(address.dropFirst().prefix { $0 != "]" }) }
    let isIPv6 = address.split(separator: ":", omittingEmptySubsequences: false).count > 2
    return String(isIPv6 ? address : address.prefix { $0 != ":" })
  }

  private static func bytes(of address: String, _ family: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, address, &bytes) == 1 ? bytes : nil
  }

  private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
  private static let loopback = [UInt8](repeating: 0, count: 15) + [1]
}
