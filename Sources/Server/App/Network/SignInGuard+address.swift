import Glibc
import NIOCore
import NIOHTTP1
import ServerCore

extension SignInGuard.Origin {
  /// Where a connection comes from. An IPv6 address counts by its first 64 bits, of which a customer has
  /// one at least (RFC 6177); an IPv4 one that is written as IPv6 as what it is (RFC 4291, 2.5.5.2).
  ///
  /// - Parameter ipAddress: as the system writes it; `nil` for a socket of this machine.
  init(ipAddress: String?) {
    guard let ipAddress else {
      self = .local
      return
    }
    if let bytes = Self.bytes(of: ipAddress, AF_INET, count: 4) {
      self.init(ipv4: bytes)
    } else if let bytes = Self.bytes(of: ipAddress, AF_INET6, count: 16) {
      if bytes.starts(with: Self.mappedPrefix) {
        self.init(ipv4: Array(bytes.suffix(4)))
      } else {
        self = bytes == Self.loopback ? .local : .network(Array(bytes.prefix(8)))
      }
    } else {
      self = .network(Array(ipAddress.utf8))
    }
  }

  /// Where a request comes from: from the other end of its connection or, if that is a proxy on this
  /// machine that is trusted, from where the proxy says, last in `X-Forwarded-For`. What stands before that
  /// is the word of whoever asked the proxy.
  init(of head: HTTPRequestHead, on channel: any Channel, trustingProxy: Bool) {
    self.init(ipAddress: channel.remoteAddress?.ipAddress)
    guard trustingProxy, self == .local,
      let named = head.headers[canonicalForm: "X-Forwarded-For"].last
    else { return }
    self.init(ipAddress: String(named))
  }

  private init(ipv4 bytes: [UInt8]) {
    self = bytes.first == 127 ? .local : .network(bytes)
  }

  private static func bytes(of address: String, _ family: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return inet_pton(family, address, &bytes) == 1 ? bytes : nil
  }

  private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
  private static let loopback = [UInt8](repeating: 0, count: 15) + [1]
}
