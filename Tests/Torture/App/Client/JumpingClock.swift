import MartletClient
import MartletProtocol
import Synchronization

/// A time of day that can be set, as by an operator or a time server.
final class JumpingClock: Sendable {
  private let offset = Mutex<Int64>(0)

  func jump(byMilliseconds milliseconds: Int64) {
    offset.withLock { $0 += milliseconds }
  }

  /// What the clock says.
  var now: Timestamp {
    let real = ClientTime.system.wall()
    return Timestamp(milliseconds: real.milliseconds + offset.withLock { $0 })
  }

  /// The machine's clocks, with this time of day.
  var time: ClientTime {
    var time = ClientTime.system
    time.wall = { [self] in now }
    return time
  }
}
