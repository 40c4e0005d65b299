/// One WebSocket frame, right or wrong, as a client would write it.
public struct RawFrame: Sendable {
  public var isFinal = true
  /// The three reserved bits, RSV1 the highest.
  public var reserved: UInt8 = 0
  public var opcode: UInt8
  public var isMasked = true
  public var payload: [UInt8]
  /// The length to claim, if not the true one.
  public var claimedLength: Int?

  public init(opcode: UInt8, _ payload: [UInt8] = []) {
    self.opcode = opcode
    self.payload = payload
  }

  public static func text(_ text: String) -> RawFrame { RawFrame(opcode: 1, Array(text.utf8)) }
  public static func binary(_ bytes: [UInt8]) -> RawFrame { RawFrame(opcode: 2, bytes) }
  public static func ping(_ bytes: [UInt8] = []) -> RawFrame { RawFrame(opcode: 9, bytes) }
  public static func pong(_ bytes: [UInt8] = []) -> RawFrame { RawFrame(opcode: 10, bytes) }
  public static func close(_ code: UInt16, _ reason: String = "") -> RawFrame {
    RawFrame(opcode: 8, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
  }

  /// A text in several frames.
  public static func fragments(_ parts: [[UInt8]]) -> [RawFrame] {
    parts.enumerated().map { index, part in
      var frame = RawFrame(opcode: index == 0 ? 1 : 0, part)
      frame.isFinal = index == parts.count - 1
      return frame
    }
  }

  public func with(_ change: (inout RawFrame) -> Void) -> RawFrame {
    var frame = self
    change(&frame)
    return frame
  }

  /// The frame as RFC 6455, section 5.2 writes it.
  public var bytes: [UInt8] {
    var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
    let length = claimedLength ?? payload.count
    let maskBit: UInt8 = isMasked ? 0x80 : 0
    switch length {
    case ..<126: bytes.append(maskBit | UInt8(length))
    case ..<65_536:
      bytes.append(maskBit | 126)
      bytes += [UInt8(length >> 8), UInt8(length & 0xFF)]
    default:
      bytes.append(maskBit | 127)
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
    }
    guard isMasked else { return bytes + payload }
    let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
  }
}
