import Testing

@testable import ServerApp

@Suite struct Base64Tests {
  /// RFC 4648, section 10, without padding.
  static let vectors = [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
    ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
  ]

  @Test(arguments: vectors)
  func writesWithoutPadding(_ text: String, _ encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test func theURLSafeAlphabetHasNoSlashAndNoPlus() {
    #expect(Base64.encodeURLSafe([0xFB, 0xFF, 0xBF]) == "-_-_")
    #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == "+/+/")
  }

  @Test(arguments: ["A", "AAAAA", "A*==", "密码"])
  func whatIsNotBase64IsRefused(_ text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
