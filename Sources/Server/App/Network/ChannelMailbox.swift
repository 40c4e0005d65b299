import CoreMetrics
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
  /// How long the receiver of a close frame may take to answer it and to close first, as RFC 6455,
  /// section 7.1.1 would have it.
  private static let linger = TimeAmount.seconds(1)

  /// Fired through the pipeline as a user event when the connection is about to be closed: nothing
  /// that still arrives counts.
  struct IsClosing {}

  private enum Item: Sendable {
    /// What is to be done on the event loop before the frame leaves, and the frame.
    case frame(Data, then: (@Sendable () -> Void)?)
    /// Close frame, then the end: at once, or after ``linger``.
    case close(UInt16?, lingering: Bool)
  }

  private struct State {
    var items = CircularBuffer<Item>()
    var bytes = 0
    var isDrainScheduled = false
    /// Nothing is queued behind a close.
    var isClosing = false
    var hasToldClosing = false

    /// Queues a close instead of all that waits.
    mutating func closeAtOnce(_ status: UInt16?, lingering: Bool) {
      items = [.close(status, lingering: lingering)]
      bytes = 0
      isClosing = true
    }
  }

  private let state = Mutex(State())
  private let channel: any Channel
  private let patience: TimeAmount

  /// - Parameter patience: how long a connection that is to be closed may take to take what is
  ///   queued for it.
  init(channel: any Channel, patience: TimeAmount) {
    self.channel = channel
    self.patience = patience
  }

  func deliver(_ push: OutgoingPush) {
    enqueue(push.frame, isEphemeral: push.isEphemeral)
  }

  /// Queues a reply.
  ///
  /// - Parameter then: done on the event loop before the reply leaves. A thread that is not the
  ///   event loop's keeps the reply's place among the pushes so, and whoever gets the reply may
  ///   still count on what was done.
  func send(_ frame: Data, then: (@Sendable () -> Void)? = nil) {
    enqueue(frame, isEphemeral: false, then: then)
  }

  func close(_ code: CloseCode) {
    schedule { state in
      state.items.append(.close(code.rawValue, lingering: true))
      state.isClosing = true
    }
  }

  /// Answers a client's close frame. Whatever waits is dropped: nobody reads it any more.
  func echoClose(_ status: UInt16?) {
    schedule { $0.closeAtOnce(status, lingering: false) }
  }

  private func enqueue(
    _ frame: Data, isEphemeral: Bool, then: (@Sendable () -> Void)? = nil
  ) {
    schedule { state in
      if isEphemeral, state.bytes > Self.ephemeralBytes {
        return Measures.droppedPushes.increment()
      }
      guard state.bytes + frame.count <= Self.maximumBytes else {
        // What waits would arrive too late to be of use: the client fetches it after it resumes.
        state.closeAtOnce(CloseCode.tooSlow.rawValue, lingering: true)
        Measures.slowReaders.increment()
        return
      }
      state.items.append(.frame(frame, then: then))
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
    tellClosing()
    var hasWritten = false
    while let item = nextItem() {
      hasWritten = true
      switch item {
      case .frame(let frame, let then):
        then?()
        channel.write(
          WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(data: frame)), promise: nil)
      case .close(let status, let lingering):
        channel.write(WebSocketFrame.close(status, allocator: channel.allocator))
          .whenComplete { [channel] _ in
            guard lingering else { return channel.close(promise: nil) }
            channel.eventLoop.scheduleTask(in: Self.linger) { channel.close(promise: nil) }
          }
      }
    }
    if hasWritten { channel.flush() }
  }

  private func tellClosing() {
    let mustTell = state.withLock { state in
      defer { state.hasToldClosing = state.isClosing }
      return state.isClosing && !state.hasToldClosing
    }
    guard mustTell else { return }
    channel.pipeline.fireUserInboundEventTriggered(IsClosing())
    // A receiver that takes nothing would keep the close frame from ever being written.
    channel.eventLoop.scheduleTask(in: patience) { [channel] in channel.close(promise: nil) }
  }

  private func nextItem() -> Item? {
    state.withLock { state in
      guard let item = state.items.first else { return nil }
      switch item {
      case .frame(let frame, _):
        guard channel.isWritable else { return nil }
        state.bytes -= frame.count
      case .close: break
      }
      state.items.removeFirst()
      return item
    }
  }
}
