/// Reads what an XMPP server sends, as far as a measurement needs: no stanza holds another of its name.
public struct XMPPStream {
  /// What a client hears.
  public enum Element: Equatable, Sendable {
    /// The stream's features: it may go on.
    case features
    case success
    /// The sign-in was refused, or the stream broken off.
    case failure(String)
    /// The answer to a request by its id; `nil` when it is an error.
    case answer(String?)
    /// A chat message's body, as it is on the wire.
    case message([UInt8])
    /// Something else.
    case other
  }

  private var buffer: [UInt8] = []

  public init() {}

  /// Takes what has arrived and returns what has arrived whole.
  public mutating func read(_ bytes: some Sequence<UInt8>) -> [Element] {
    buffer += bytes
    var elements: [Element] = []
    var start = 0
    while let end = endOfElement(from: start) {
      elements += Self.element(buffer[start..<end])
      start = end
    }
    buffer.removeFirst(start)
    return elements
  }

  private func endOfElement(from start: Int) -> Int? {
    guard let open = buffer[start...].firstIndex(of: UInt8(ascii: "<")),
      let tagEnd = buffer[open...].firstIndex(of: UInt8(ascii: ">"))
    else { return nil }
    let name = Self.name(buffer[open...tagEnd])
    let second = buffer[open + 1]
    let isAlone =
      second == UInt8(ascii: "?") || second == UInt8(ascii: "/")
      || name == Array("stream:stream".utf8)
      || buffer[tagEnd - 1] == UInt8(ascii: "/")
    if isAlone { return tagEnd + 1 }
    let closing = Array("</".utf8) + name + [UInt8(ascii: ">")]
    var index = tagEnd + 1
    while let next = buffer[index...].firstIndex(of: UInt8(ascii: "<")) {
      if buffer[next...].starts(with: closing) { return next + closing.count }
      index = next + 1
    }
    return nil
  }

  private static func name(_ tag: ArraySlice<UInt8>) -> [UInt8] {
    Array(tag.dropFirst().prefix { !" />\n\t'\"".utf8.contains($0) })
  }

  private static func element(_ bytes: ArraySlice<UInt8>) -> [Element] {
    guard let open = bytes.firstIndex(of: UInt8(ascii: "<")) else { return [] }
    // The stream's own end: no other stands by itself.
    guard bytes[(open + 1)...].first != UInt8(ascii: "/") else { return [.failure("it has ended")] }
    switch String(decoding: name(bytes[open...]), as: UTF8.self) {
    case "stream:features": return [.features]
    case "success": return [.success]
    case "failure", "stream:error":
      return [.failure(String(decoding: bytes, as: UTF8.self))]
    case "iq":
      let text = String(decoding: bytes, as: UTF8.self)
      let isError = attribute("type", of: text) == "error"
      return [.answer(isError ? nil : attribute("id", of: text))]
    case "message":
      guard let begin = find("<body>", in: bytes), let end = find("</body>", in: bytes) else {
        return [.other]
      }
      return [.message(Array(bytes[(begin + 6)..<max(begin + 6, end)]))]
    default: return [.other]
    }
  }

  private static func attribute(_ name: String, of text: String) -> String? {
    for quote in ["'", "\""] {
      let parts = text.split(separator: " \(name)=\(quote)", maxSplits: 1)
      guard parts.count == 2 else { continue }
      return parts[1].split(separator: quote, maxSplits: 1).first.map(String.init)
    }
    return nil
  }

  private static func find(_ word: String, in bytes: ArraySlice<UInt8>) -> Int? {
    let wanted = Array(word.utf8)
    var index = bytes.startIndex
    while let next = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
      if bytes[next...].starts(with: wanted) { return next }
      index = next + 1
    }
    return nil
  }
}
