import FoundationEssentials
import MartletProtocol
import NIOCore
import NIOFoundationEssentialsCompat
import NIOWebSocket
import ServerCore
import Synchronization

/// The way out of one connection: a bounded queue that the event loop empties as the socket takes it.
///
/// Frames leave in the order in which they were queued, replies and pushes alike. When the receiver
/// is slow, ephemeral pushes are dropped first; at ``maximumBytes`` the connection is closed with
/// ``CloseCode/tooSlow``, and its client resumes from the database.
final class ChannelMailbox: Mailbox {
  /// The most that waits for a slow receiver.
  static let maximumBytes = 1024 * 1024
  /// From here on ephemeral pushes are dropped.
  static let ephemeralBytes = 64 * 1024

  private enum Item: Sendable {
    case frame(Data)
    case close(CloseCode)
  }

  private struct State {
    var items = CircularBuffer<Item>()
    var bytes = 0
    var isDrainScheduled = false
    /// Nothing is queued behind a close.
    var isClosing = false
  }

  private let state = Mutex(State())
  private let channel: any Channel

  init(channel: any Channel) {
    self.channel = channel
  }

  func deliver(_ push: OutgoingPush) {
    enqueue(push.frame, isEphemeral: push.isEphemeral)
  }

  /// Queues a reply.
  func send(_ frame: Data) {
    enqueue(frame, isEphemeral: false)
  }

  func close(_ code: CloseCode) {
    schedule { state in
      state.items.append(.close(code))
      state.isClosing = true
    }
  }

  private func enqueue(_ frame: Data, isEphemeral: Bool) {
    schedule { state in
      if isEphemeral, state.bytes > Self.ephemeralBytes { return }
      guard state.bytes + frame.count <= Self.maximumBytes else {
        // What waits would arrive too late to be of use: the client fetches it after it resumes.
        state.items = [.close(.tooSlow)]
        state.bytes = 0
        state.isClosing = true
        return
      }
      state.items.append(.frame(frame))
      state.bytes += frame.count
    }
  }

  private func schedule(_ change: (inout State) -> Void) {
    let mustSchedule = state.withLock { state in
      guard !state.isClosing else { return false }
      change(&state)
      guard !state.items.isEmpty, !state.isDrainScheduled else { return false }
      state.isDrainScheduled = true
      return true
    }
    guard mustSchedule else { return }
    channel.eventLoop.execute { [self] in
      state.withLock { $0.isDrainScheduled = false }
      drain()
    }
  }

  /// Writes what the socket takes. Called on the event loop, also when the channel becomes writable.
  func drain() {
    var hasWritten = false
    while let item = nextItem() {
      hasWritten = true
      switch item {
      case .frame(let frame):
        channel.write(
          WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(data: frame)), promise: nil)
      case .close(let code):
        channel.writeAndFlush(WebSocketFrame.close(code, allocator: channel.allocator))
          .whenComplete { [channel] _ in
            // The receiver is given a moment to answer and to close first (RFC 6455, 7.1.1).
            channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
          }
      }
    }
    if hasWritten { channel.flush() }
  }

  private func nextItem() -> Item? {
    state.withLock { state in
      guard let item = state.items.first else { return nil }
      switch item {
      case .frame(let frame):
        guard channel.isWritable else { return nil }
        state.bytes -= frame.count
      case .close: break
      }
      state.items.removeFirst()
      return item
    }
  }
}

extension WebSocketFrame {
  /// A close frame without words: the code says it all.
  static func close(_ code: CloseCode, allocator: ByteBufferAllocator) -> WebSocketFrame {
    var data = allocator.buffer(capacity: 2)
    data.writeInteger(code.rawValue)
    return WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
  }
}
