import Glibc

/// Gives the terminal back when the process dies of its own fault.
///
/// `endwin` allocates and locks and so may not be called from a signal handler: the handler writes
/// sequences prepared at start, restores the line settings of then, and lets the signal kill.
enum CrashGuard {
  private static let fatal = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGSYS]

  /// Everything that the handler reads, at an address that it needs no lazy initialiser to find.
  private struct Record {
    var settings: termios
    var text: UnsafeMutablePointer<UInt8>
    var count: Int
  }

  private nonisolated(unsafe) static var record: UnsafeMutablePointer<Record>?

  /// Arms the guard.
  ///
  /// - Parameters:
  ///   - settings: The line settings to restore.
  ///   - restoring: The sequences that undo what was done to the terminal.
  static func arm(settings: termios, restoring text: [UInt8]) {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, text.count))
    bytes.initialize(from: text, count: text.count)
    let new = UnsafeMutablePointer<Record>.allocate(capacity: 1)
    new.initialize(to: Record(settings: settings, text: bytes, count: text.count))
    record = new

    // A stack of its own, as running out of the other is one way to get here.
    var stack = stack_t()
    stack.ss_size = 64 * 1024
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stack.ss_size, alignment: 16)
    sigaltstack(&stack, nil)

    for number in fatal {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        CrashGuard.restore()
        // SA_RESETHAND has put the default back: this time it kills, with a core if one is wanted.
        raise(number)
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_ONSTACK)) | Int32(SA_NODEFER) | resetHandler
      sigaction(number, &action, nil)
    }
  }

  /// Disarms the guard: the terminal is no longer ours.
  static func disarm() {
    for number in fatal { signal(number, SIG_DFL) }
    // The record stays allocated: a handler on another thread may be reading it.
    record = nil
  }

  private static func restore() {
    guard let record else { return }
    _ = write(STDOUT_FILENO, record.pointee.text, record.pointee.count)
    _ = tcsetattr(STDIN_FILENO, TCSANOW, &record.pointee.settings)
  }

  /// `SA_RESETHAND`, which Swift imports as a number too large for the field.
  private static let resetHandler = Int32(bitPattern: 0x8000_0000)
}
