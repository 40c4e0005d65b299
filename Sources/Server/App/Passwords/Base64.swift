import FoundationEssentials

/// Base64 without padding, as PHC strings and tokens write it.
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> String {
    String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
  }

  /// The URL-safe alphabet of RFC 4648, section 5.
  static func encodeURLSafe(_ bytes: [UInt8]) -> String {
    String(
      encode(bytes).map { character in
        switch character {
        case "+": "-"
        case "/": "_"
        default: character
        }
      })
  }

  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Data(base64Encoded: text + padding).map(Array.init)
  }
}
