/// Reads JSON of the few shapes that nearly all frames have, in a tenth of the time that `JSONDecoder` takes.
///
/// Whatever is not quite as expected, right or wrong, is `nil` here: it is then for `JSONDecoder` to read or
/// to refuse.
struct QuickReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Reads an object. `member` reads the value of a key, and returns whether it could.
  mutating func object(_ member: (inout QuickReader, Key) -> Bool) -> Bool {
    guard skip("{") else { return false }
    repeat {
      guard let key = plainText(), skip(":"), member(&self, Key(bytes: key)) else { return false }
    } while skip(",")
    return skip("}")
  }

  /// The name of an object's member.
  struct Key {
    fileprivate let bytes: UnsafeRawBufferPointer

    static func ~= (name: StaticString, key: Key) -> Bool {
      key.bytes.elementsEqual(
        UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
  }

  /// Whether nothing follows but blanks.
  mutating func isAtEnd() -> Bool {
    skipBlanks()
    return position == bytes.count
  }

  mutating func integer() -> Int64? {
    skipBlanks()
    let start = position
    var value: Int64 = 0
    while position < bytes.count, let digit = Self.digit(bytes[position]) {
      // With one more it might be too large.
      guard position - start < 18 else { return nil }
      value = value * 10 + digit
      position += 1
    }
    guard position > start, position - start == 1 || bytes[start] != UInt8(ascii: "0"),
      position < bytes.count, !".eE".utf8.contains(bytes[position])
    else { return nil }
    return value
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte - UInt8(ascii: "0")) : nil
  }

  /// Reads one of the identifiers.
  mutating func identifier<Identifier: IntegerIdentifier>() -> Identifier? {
    integer().map(Identifier.init(_:))
  }

  mutating func uuid<Identifier: UUIDIdentifier>() -> Identifier? {
    plainText().flatMap { Identifier(utf8: $0) }
  }

  mutating func timestamp() -> Timestamp? {
    plainText().flatMap { Timestamp(utf8: $0) }
  }

  /// Reads a text that is known beforehand.
  mutating func text(_ expected: StaticString) -> Bool {
    guard let text = plainText() else { return false }
    return expected ~= Key(bytes: text)
  }

  mutating func text() -> String? {
    guard let start = openingQuote() else { return nil }
    var escapes = false
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        position += 1
        return escapes
          ? Self.unescaped(content).flatMap { String(validating: $0, as: UTF8.self) }
          : String(validating: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        escapes = true
        position += 2
      case 0..<0x20: return nil
      case _: position += 1
      }
    }
    return nil
  }

  /// RFC 8259, section 7, but for `\u`.
  private static func unescaped(_ content: UnsafeRawBufferPointer) -> [UInt8]? {
    var (result, index): ([UInt8], Int) = ([], 0)
    result.reserveCapacity(content.count)
    while index < content.count {
      var byte = content[index]
      if byte == UInt8(ascii: "\\") {
        index += 1
        switch content[index] {
        case UInt8(ascii: "n"): byte = UInt8(ascii: "\n")
        case UInt8(ascii: "t"): byte = UInt8(ascii: "\t")
        case UInt8(ascii: "r"): byte = UInt8(ascii: "\r")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = content[index]
        case _: return nil
        }
      }
      result.append(byte)
      index += 1
    }
    return result
  }

  /// A text of ASCII without escapes.
  private mutating func plainText() -> UnsafeRawBufferPointer? {
    guard let start = openingQuote() else { return nil }
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1])
      case UInt8(ascii: "\\"), 0..<0x20, 0x80...: return nil
      case _: position += 1
      }
    }
    return nil
  }

  /// Where the text begins.
  private mutating func openingQuote() -> Int? { skip("\"") ? position : nil }

  private mutating func skip(_ expected: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: expected) else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count, " \n\r\t".utf8.contains(bytes[position]) { position += 1 }
  }
}

/// Takes a value unless there is one already. Returns whether it did.
func take<Value>(_ value: Value?, into place: inout Value?) -> Bool {
  guard let value, place == nil else { return false }
  place = value
  return true
}
