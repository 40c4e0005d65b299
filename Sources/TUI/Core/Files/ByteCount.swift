/// Sizes as people read them. MB are millions of bytes, as in the protocol.
enum ByteCount {
  /// `512 B`, `12 KB`, `1.2 MB`, `20 MB`.
  ///
  /// - Parameter roundingUp: for a size that is too large, which may not look like the limit.
  static func text(_ bytes: Int64, roundingUp: Bool = false) -> String {
    let bytes = max(0, bytes)
    switch bytes {
    case ..<1000: return "\(bytes) B"
    case ..<1_000_000: return number(bytes, unit: 1000, roundingUp: roundingUp) + " KB"
    case ..<1_000_000_000: return number(bytes, unit: 1_000_000, roundingUp: roundingUp) + " MB"
    case _: return number(bytes, unit: 1_000_000_000, roundingUp: roundingUp) + " GB"
    }
  }

  /// With one decimal, where that is no zero.
  private static func number(_ bytes: Int64, unit: Int64, roundingUp: Bool) -> String {
    let step = unit / 10
    let tenths = bytes / step + (bytes % step >= (roundingUp ? 1 : step / 2) ? 1 : 0)
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
