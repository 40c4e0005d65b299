import Glibc
import TUICore

/// Standard input and the wake pipe, waited for together.
///
/// Never a NIO channel: NIO makes its descriptors non-blocking, and standard input shares its file
/// description with standard output.
struct TerminalInput {
  /// How long to wait after an escape for the rest of a sequence. Terminals send one at once; a
  /// person needs longer between two keys.
  static let escapeDelay = Duration.milliseconds(25)

  /// What woke the loop.
  struct Wake {
    var events: [InputEvent] = []
    var signals: Set<Int32> = []
    /// Whether the terminal is gone.
    var isHungUp = false
  }

  private let pipe: WakePipe
  private var decoder: InputDecoder
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  /// When an escape of which nothing follows becomes the key.
  private var escapeDeadline: ContinuousClock.Instant?

  init(pipe: WakePipe, keys: [[UInt8]: KeyEvent]) {
    self.pipe = pipe
    decoder = InputDecoder(table: keys)
  }

  /// Waits for input, for a wake-up or for some time, whichever comes first.
  ///
  /// - Parameter timeout: `nil` waits for as long as it takes.
  mutating func wait(timeout: Duration?) -> Wake {
    let escape = escapeDeadline.map { ContinuousClock.now.duration(to: $0) }
    let limit = [timeout, escape].compactMap { $0 }.min()
    var descriptors = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0),
    ]
    var wake = Wake()
    let ready = poll(&descriptors, 2, limit?.pollMilliseconds ?? -1)
    // Interrupted by a signal, whose byte is in the pipe by now.
    guard ready >= 0 || errno == EINTR else {
      wake.isHungUp = true
      return wake
    }
    wake.signals = pipe.drain()
    if descriptors[0].revents & Int16(POLLIN) != 0 {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count > 0 {
        wake.events = decoder.decode(buffer[..<count])
        escapeDeadline = decoder.isWaiting ? .now + Self.escapeDelay : nil
      } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
        wake.isHungUp = true
      }
    } else if descriptors[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
      wake.isHungUp = true
    } else if let escapeDeadline, escapeDeadline <= .now {
      wake.events = decoder.timeOut()
      self.escapeDeadline = nil
    }
    return wake
  }
}

extension Duration {
  /// For `poll`, rounded up so that a timer never finds that it has been woken too early.
  fileprivate var pollMilliseconds: Int32 {
    let (seconds, attoseconds) = components
    guard seconds < 1_000_000 else { return 1_000_000_000 }
    let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(max(0, milliseconds))
  }
}
