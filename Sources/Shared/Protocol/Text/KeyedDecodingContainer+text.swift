extension KeyedDecodingContainer {
  /// A text from the other side that is kept for long and shown again and again: one that is larger than
  /// the protocol has any is none.
  ///
  /// - Throws: `DecodingError`.
  func decodeText(forKey key: Key, atMost bytes: Int) throws -> String {
    let text = try decode(String.self, forKey: key)
    guard text.utf8.count <= bytes else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "a text has at most \(bytes) bytes here")
    }
    return text
  }
}
