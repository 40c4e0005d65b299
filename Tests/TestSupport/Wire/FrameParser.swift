/// What a server sent.
public enum Received: Hashable, Sendable {
  case text(String)
  case ping([UInt8])
  case pong([UInt8])
  /// A close frame; `nil` without a status.
  case close(UInt16?)
  /// Something that this server never sends.
  case unexpected(String)
}

/// Reads the frames of a server, which are unmasked and in one piece.
struct FrameParser {
  private var bytes: [UInt8] = []
  private var start = 0

  mutating func append(_ more: some Sequence<UInt8>) { bytes += more }

  /// The next whole frame.
  mutating func next() -> Received? {
    guard bytes.count - start >= 2 else { return nil }
    let (first, second) = (bytes[start], bytes[start + 1])
    let sizeBytes = second == 126 ? 2 : second == 127 ? 8 : 0
    let header = start + 2 + sizeBytes
    guard bytes.count >= header else { return nil }
    let length =
      sizeBytes == 0
      ? Int(second) : bytes[(start + 2)..<header].reduce(0) { $0 << 8 | Int($1) }
    guard second & 0x80 == 0, first & 0xF0 == 0x80 else {
      return .unexpected("a frame that begins with \(first) \(second)")
    }
    guard bytes.count >= header + length else { return nil }
    let payload = Array(bytes[header..<(header + length)])
    start = header + length
    if start > 1 << 20 {
      bytes.removeFirst(start)
      start = 0
    }
    return Self.received(opcode: first & 0xF, payload)
  }

  private static func received(opcode: UInt8, _ payload: [UInt8]) -> Received {
    switch opcode {
    case 1: String(validating: payload, as: UTF8.self).map(Received.text) ?? .unexpected("no UTF-8")
    case 8 where payload.isEmpty: .close(nil)
    case 8 where payload.count >= 2: .close(UInt16(payload[0]) << 8 | UInt16(payload[1]))
    case 9: .ping(payload)
    case 10: .pong(payload)
    default: .unexpected("opcode \(opcode)")
    }
  }
}
