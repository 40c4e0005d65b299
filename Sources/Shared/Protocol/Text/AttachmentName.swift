/// What a file that is sent may be called: a name without directories, and nothing in it that draws
/// nothing and turns round what stands beside it.
public enum AttachmentName {
  /// The longest name, in bytes of UTF-8.
  public static let maximumBytes = 255

  /// Checks a name; what it ends in is ``AttachmentFormat/init(fileName:)``'s.
  ///
  /// - Throws: ``RPCError`` with ``ErrorCode/invalidFileName``.
  public static func check(_ name: String) throws(RPCError) {
    guard !name.isEmpty else { throw RPCError(.invalidFileName, "A file needs a name.") }
    guard name.utf8.count <= maximumBytes else {
      throw RPCError(
        .invalidFileName, "A file name may have at most \(maximumBytes) bytes; shorten it.")
    }
    guard name.unicodeScalars.allSatisfy(isAllowed) else {
      throw RPCError(
        .invalidFileName, "A file name may not contain '/', '\\' or control characters; rename it.")
    }
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "/", "\\": false
    // The property Bidi_Control of Unicode's PropList.txt.
    case "\u{61C}", "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": false
    case _: scalar.properties.generalCategory != .control
    }
  }
}
