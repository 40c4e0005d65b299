import NIOCore
import NIOWebSocket

/// Pings a connection and closes it when nothing comes back: how a vanished network shows.
final class Heartbeat {
  private let channel: any Channel
  private let patience: TimeAmount
  private var lastHeard: NIODeadline
  private var pings: RepeatedTask?
  private var overdue: Scheduled<Void>?

  /// Starts at once. Used on the channel's event loop only.
  init(channel: any Channel, interval: TimeAmount, patience: TimeAmount) {
    self.channel = channel
    self.patience = patience
    lastHeard = channel.eventLoop.now
    let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
    pings = channel.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      bound.value.ping()
    }
  }

  /// Something arrived.
  func heard() {
    lastHeard = channel.eventLoop.now
  }

  /// Ends the pings.
  func stop() {
    pings?.cancel()
    overdue?.cancel()
  }

  private func ping() {
    let sent = channel.eventLoop.now
    channel.writeAndFlush(
      WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()), promise: nil)
    let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
    overdue = channel.eventLoop.scheduleTask(in: patience) {
      let heartbeat = bound.value
      guard heartbeat.lastHeard < sent else { return }
      heartbeat.channel.close(promise: nil)
    }
  }
}
