/// What a journal keeps of a text that was received: FNV-1a with 64 bits
/// (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv). Nobody forges texts here; it tells
/// texts apart that something has mixed up.
public struct TextDigest: Hashable, Sendable, CustomStringConvertible {
  private let hash: UInt64

  /// The digest of a text.
  public init(of text: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.hash = hash
  }

  /// Reads what ``description`` writes.
  public init?(_ text: some StringProtocol) {
    guard let hash = UInt64(text, radix: 16) else { return nil }
    self.hash = hash
  }

  public var description: String { String(hash, radix: 16) }
}
