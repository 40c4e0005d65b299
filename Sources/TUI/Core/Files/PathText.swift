/// Paths as people type them and as terminals paste them.
public enum PathText {
  /// The longest path that is looked at, in bytes (`PATH_MAX` of Linux).
  static let maximumBytes = 4096

  /// The path that a typed text means, relative or not: surrounding blanks are dropped, a text in
  /// quotes stands for what is in them, and otherwise `\` takes the next character as it is. `nil` when
  /// nothing is left, or more than a path can be.
  static func path(typed text: some StringProtocol) -> String? {
    guard text.utf8.count <= 4 * maximumBytes else { return nil }
    var body = Substring(text.drop(while: \.isWhitespace))
    if let quoted = unquoted(body) { return checked(quoted) }
    while body.last?.isWhitespace == true, !endsInEscape(body.dropLast()) { body.removeLast() }
    return checked(unescaped(body))
  }

  /// The path of a dropped file, if a paste is exactly one: absolute, below `~` or a `file` address;
  /// plain, quoted or escaped. `nil` for anything else.
  static func path(pasted text: String) -> String? {
    guard text.utf8.count <= 4 * maximumBytes else { return nil }
    var trimmed = Substring(text)
    while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
    trimmed = trimmed.drop(while: \.isWhitespace)
    guard !trimmed.contains(where: \.isNewline) else { return nil }
    let bare = unquoted(trimmed).map { Substring($0) }
    if let address = fileAddress(bare ?? trimmed) { return checked(address) }
    let path = bare.map { String($0) } ?? unescaped(trimmed)
    guard path.hasPrefix("/") || path.hasPrefix("~/") else { return nil }
    return checked(path)
  }

  /// An absolute path, with `~` as the home directory and what is relative below the working
  /// directory.
  static func absolute(_ path: String, home: String, workingDirectory: String) -> String {
    if path == "~" || path.hasPrefix("~/") { return home + path.dropFirst() }
    if path.hasPrefix("/") { return path }
    return workingDirectory.hasSuffix("/")
      ? workingDirectory + path : "\(workingDirectory)/\(path)"
  }

  /// The last part of a path.
  public static func name(of path: String) -> String {
    String(path.split(separator: "/").last ?? "")
  }

  /// What one types for a path outside of quotes.
  static func escaped(_ path: some StringProtocol) -> String {
    var text = ""
    for (index, character) in path.enumerated() {
      let isQuote = character == "'" || character == "\""
      let isLast = index == path.count - 1
      if character == "\\" || isQuote && index == 0 || character == " " && isLast { text += "\\" }
      text.append(character)
    }
    return text
  }

  private static func checked(_ path: String) -> String? {
    guard !path.isEmpty, path.utf8.count <= maximumBytes, !path.unicodeScalars.contains("\0") else {
      return nil
    }
    return path
  }

  /// What is between quotes that are the first and the last character; `nil` without such.
  private static func unquoted(_ text: Substring) -> String? {
    var text = text
    while text.last?.isWhitespace == true { text.removeLast() }
    guard let quote = text.first, quote == "'" || quote == "\"", text.count >= 2 else { return nil }
    // As a shell has it, and as terminals quote: 'it'\''s'.
    if quote == "'" {
      let body = text.replacing("'\\''", with: "\u{0}").dropFirst()
      guard body.last == "'", !body.dropLast().contains("'") else { return nil }
      return String(body.dropLast().replacing("\u{0}", with: "'"))
    }
    guard text.last == "\"", !endsInEscape(text.dropLast()) else { return nil }
    return unescaped(text.dropFirst().dropLast())
  }

  private static func unescaped(_ text: Substring) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
      if character == "\\", !isEscaped {
        isEscaped = true
        continue
      }
      result.append(character)
      isEscaped = false
    }
    return result
  }

  private static func endsInEscape(_ text: Substring) -> Bool {
    text.reversed().prefix { $0 == "\\" }.count % 2 == 1
  }

  /// The path of `file:///…` or `file://localhost/…` (RFC 8089), with its escapes undone; `nil` for
  /// what is no such address, or is none of this machine.
  private static func fileAddress(_ text: Substring) -> String? {
    guard text.hasPrefix("file://") else { return nil }
    var rest = text.dropFirst(7)
    if rest.hasPrefix("localhost/") { rest = rest.dropFirst(9) }
    guard rest.hasPrefix("/") else { return nil }
    var bytes: [UInt8] = []
    var utf8 = Substring(rest).utf8
    while let byte = utf8.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = utf8.popFirst().flatMap(hexadecimal),
        let low = utf8.popFirst().flatMap(hexadecimal)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case _: nil
    }
  }
}
