import ArgumentParser
import NIOCore

/// Where the server listens: `HOST:PORT`, `[IPv6]:PORT`, or `HOST` for the usual port.
struct ListenAddress: Sendable, ExpressibleByArgument, CustomStringConvertible {
  static let usualPort = 7788

  let host: String
  let port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  init?(argument: String) {
    let host: Substring
    let port: Substring?
    if argument.hasPrefix("["), let end = argument.firstIndex(of: "]") {
      host = argument[argument.index(after: argument.startIndex)..<end]
      let rest = argument[argument.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else {
      let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2 else { return nil }
      host = parts[0]
      port = parts.count == 2 ? parts[1] : nil
    }
    guard !host.isEmpty else { return nil }
    let number = port.map { Int($0) } ?? Self.usualPort
    guard let number, (0...65_535).contains(number) else { return nil }
    self.init(host: String(host), port: number)
  }

  init?(_ address: SocketAddress) {
    guard let host = address.ipAddress, let port = address.port else { return nil }
    self.init(host: host, port: port)
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension SocketAddress {
  /// Whether nobody outside this machine can reach the address.
  var isLoopback: Bool {
    switch self {
    case .v4: ipAddress?.hasPrefix("127.") ?? false
    case .v6: ipAddress == "::1"
    case .unixDomainSocket: true
    }
  }
}
