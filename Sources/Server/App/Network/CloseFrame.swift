import MartletProtocol
import NIOCore
import NIOWebSocket

/// A close frame of a client's (RFC 6455, sections 5.5.1 and 7.4).
enum CloseFrame {
  /// To be echoed; `nil` when the client gave no status.
  case valid(status: UInt16?)
  /// To be answered with another status.
  case invalid(CloseCode)

  init(_ frame: WebSocketFrame) {
    var data = frame.unmaskedData
    guard data.readableBytes > 0 else {
      self = .valid(status: nil)
      return
    }
    guard let status: UInt16 = data.readInteger(), Self.isAllowedOnTheWire(status) else {
      self = .invalid(.protocolError)
      return
    }
    let isText = String(validating: data.readableBytesView, as: UTF8.self) != nil
    self = isText ? .valid(status: status) : .invalid(.invalidText)
  }

  /// 1004 to 1006 and 1015 stand for things that are not frames; 1016 to 2999 are reserved.
  private static func isAllowedOnTheWire(_ status: UInt16) -> Bool {
    switch status {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}

extension WebSocketFrame {
  /// A close frame without words: the status says it all.
  static func close(_ status: UInt16?, allocator: ByteBufferAllocator) -> WebSocketFrame {
    var data = allocator.buffer(capacity: 2)
    if let status { data.writeInteger(status) }
    return WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
  }
}
