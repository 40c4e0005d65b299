import NIOCore

/// The time in which somebody must sign in. It runs only while it is the client's turn, and stands
/// still while the server is at work. Used on the channel's event loop only.
struct SignInClock {
  private let eventLoop: any EventLoop
  private var left: TimeAmount
  private var running: (since: NIODeadline, alarm: Scheduled<Void>)?

  init(eventLoop: any EventLoop, allowing time: TimeAmount) {
    self.eventLoop = eventLoop
    left = time
  }

  /// Lets the time run, if it does not; `expire` is called at its end.
  mutating func run(_ expire: @escaping @Sendable () -> Void) {
    guard running == nil else { return }
    running = (since: eventLoop.now, alarm: eventLoop.scheduleTask(in: left, expire))
  }

  /// Stops the time, if it runs. What is left stays.
  mutating func pause() {
    guard let running else { return }
    running.alarm.cancel()
    left = left - (eventLoop.now - running.since)
    self.running = nil
  }
}
