import Glibc

/// Turns signals into bytes on a ``WakePipe``, where the loop reads them in its own time.
enum Signals {
  private static let watched = [SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT]

  /// Where handlers write: a plain global, as little is allowed in a handler.
  private nonisolated(unsafe) static var descriptor: Int32 = -1

  /// Begins to watch. Call it after curses has started, which sets handlers of its own.
  static func watch(_ pipe: WakePipe) {
    descriptor = pipe.writeEnd
    for number in watched { handle(number) }
    // Whoever started the client may have had signals blocked, which is inherited.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    // A terminal that went away is seen when it is read from.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Gives the signals back to the system.
  static func unwatch() {
    for number in watched { signal(number, SIG_DFL) }
    descriptor = -1
  }

  /// Stops the process group, as the terminal does on control-z, until somebody continues it.
  static func stopProcess(waking pipe: WakePipe) {
    signal(SIGTSTP, SIG_DFL)
    // The whole group, so that a `make run` around the client stops with it.
    kill(0, SIGTSTP)
    // The stop may come a moment after `kill` returns, and does not come at all in an orphaned group
    // such as the only program of a terminal window. SIGCONT or a short while tells.
    var descriptor = pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)
    _ = poll(&descriptor, 1, 200)
    handle(SIGTSTP)
  }

  private static func handle(_ number: Int32) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      let saved = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(Signals.descriptor, &byte, 1)
      errno = saved
    }
    action.sa_flags = SA_RESTART
    sigaction(number, &action, nil)
  }
}
