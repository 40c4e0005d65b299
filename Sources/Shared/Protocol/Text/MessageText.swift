/// What a message may say: any Unicode but control characters, and something of it visible.
public enum MessageText {
  /// The largest text that any server allows, in bytes of UTF-8; what one allows is
  /// ``Limits/textBytes``.
  static let maximumBytes = 64 * 1024

  /// The text as it is stored: line ends as `\n`, blank ends of the text cut off.
  ///
  /// - Parameter mayBeEmpty: whether there need be nothing in it, as beside an attachment.
  /// - Throws: ``RPCError`` with ``ErrorCode/emptyText``, ``ErrorCode/invalidText`` or
  ///   ``ErrorCode/textTooLong``.
  public static func normalized(
    _ text: String, limits: Limits, mayBeEmpty: Bool = false
  ) throws(RPCError) -> String {
    // Measured first, so that the work below is bounded; normalising never lengthens a text. The limit
    // is not doubled: a client has it from its server, and it may be anything.
    guard (text.utf8.count + 1) / 2 <= limits.textBytes else { throw tooLong(limits) }
    if text.utf8.count <= limits.textBytes, isPlain(text) { return text }
    var scalars = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\r": scalars.append("\n")
      case "\n": if !afterReturn { scalars.append("\n") }
      case "\t": scalars.append("\t")
      case _ where scalar.properties.generalCategory == .control:
        throw RPCError(
          .invalidText, "A message may not contain control characters; take them out and try again."
        )
      case _: scalars.append(scalar)
      }
      afterReturn = scalar == "\r"
    }
    let normalized = trimmingBlankEnds(scalars)
    guard normalized.unicodeScalars.contains(where: isVisible) else {
      if mayBeEmpty { return "" }
      throw RPCError(.emptyText, "A message may not be empty.")
    }
    guard normalized.utf8.count <= limits.textBytes else { throw tooLong(limits) }
    return normalized
  }

  /// Whether a text is stored as it is, as can be told from its bytes for most.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.unicodeScalars.last,
      // ASCII that is drawn, or what begins an ideograph: U+4000 to U+9FFF have these first bytes.
      (0x21...0x7E).contains(first) || (0xE4...0xE9).contains(first),
      (0x21...0x7E).contains(last.value) || (0x4000...0x9FFF).contains(last.value)
    else { return false }
    // Controls beyond ASCII begin with 0xC2, as other characters do.
    return text.utf8.allSatisfy { byte in
      byte >= 0x20 && byte != 0x7F && byte != 0xC2 || byte == 0x0A || byte == 0x09
    }
  }

  private static func trimmingBlankEnds(_ scalars: String.UnicodeScalarView) -> String {
    let isBlank = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
    guard let first = scalars.firstIndex(where: { !isBlank($0) }),
      let last = scalars.lastIndex(where: { !isBlank($0) })
    else { return "" }
    // The indentation of the first line belongs to the text, blank lines above it do not.
    let start = scalars[..<first].lastIndex(of: "\n").map(scalars.index(after:))
    return String(scalars[(start ?? scalars.startIndex)...last])
  }

  /// Whether a scalar draws something by itself. Those that do not are kept where they stand: they
  /// join emoji and shape letters.
  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    return !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint
      && properties.generalCategory != .format
  }

  private static func tooLong(_ limits: Limits) -> RPCError {
    RPCError(
      .textTooLong, "A message may have at most \(limits.textBytes) bytes; send it in parts.")
  }
}
