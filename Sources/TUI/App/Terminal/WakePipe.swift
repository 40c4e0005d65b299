import Glibc

/// Wakes the loop out of `poll`, from another thread or from a signal handler. What came is told by
/// the bytes read.
final class WakePipe: Sendable {
  /// Readable when somebody woke the loop.
  let readEnd: Int32
  /// Where signal handlers write their signal's number. 0 stands for new actions.
  let writeEnd: Int32

  init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    try SystemError.check("pipe") { pipe(&ends) }
    (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      // A full pipe has woken the loop already; nobody may be held up by it.
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// Wakes the loop for new actions.
  func wake() {
    var byte: UInt8 = 0
    _ = write(writeEnd, &byte, 1)
  }

  /// The signals that came since the last call, each once.
  func drain() -> Set<Int32> {
    var signals: Set<Int32> = []
    var bytes = [UInt8](repeating: 0, count: 256)
    while true {
      let count = read(readEnd, &bytes, bytes.count)
      guard count > 0 else { break }
      for byte in bytes[..<count] where byte != 0 { signals.insert(Int32(byte)) }
    }
    return signals
  }
}
