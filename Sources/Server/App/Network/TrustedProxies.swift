import ServerCore

/// The addresses of proxies that are believed about whom they ask for.
struct TrustedProxies: Hashable, Sendable {
  private struct Network: Hashable {
    let bytes: [UInt8]
    let bits: Int
  }

  private var networks: [Network] = []

  /// None.
  init() {}

  /// Reads addresses and networks with commas between: `127.0.0.1, 10.1.0.0/16, fd00::/8`; `nil` when one is
  /// neither.
  init?(_ list: String) {
    for word in list.split(separator: ",") {
      let parts = word.trimming(while: { $0 == " " })
        .split(separator: "/", omittingEmptySubsequences: false)
      guard let bytes = parts.first.flatMap({ Origin.bytes(ofAddress: String($0)) }),
        parts.count <= 2
      else { return nil }
      let bits = parts.count == 1 ? 8 * bytes.count : Int(parts[1])
      guard let bits, (0...8 * bytes.count).contains(bits) else { return nil }
      networks.append(Network(bytes: bytes, bits: bits))
    }
    guard !networks.isEmpty else { return nil }
  }

  func contains(_ ipAddress: String) -> Bool {
    guard let bytes = Origin.bytes(ofAddress: ipAddress) else { return false }
    return networks.contains { network in
      network.bytes.count == bytes.count
        && bytes.indices.allSatisfy { index in
          // How many bits of this byte count.
          let bits = min(8, max(0, network.bits - 8 * index))
          let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
          return bytes[index] & mask == network.bytes[index] & mask
        }
    }
  }
}

extension Substring {
  fileprivate func trimming(while isBlank: (Character) -> Bool) -> Substring {
    let start = drop(while: isBlank)
    return start.prefix(start.count - start.reversed().prefix(while: isBlank).count)
  }
}
