import NIOCore

/// Answers what may be large one request at a time, and each only when the socket has taken the
/// answers before it: a client that asks for much at once waits, and is not closed as too slow. It
/// holds no more than ``Limits/pendingRequests``.
struct ReadLane {
  fileprivate var waiting = CircularBuffer<() -> Void>()
  fileprivate var isBusy = false
}

extension ConnectionHandler {
  /// Begins to answer a request, now or after those before it; ``readDone()`` must follow.
  func read(_ begin: @escaping () -> Void) {
    reads.waiting.append(begin)
    readNext()
  }

  /// The answer is queued.
  func readDone() {
    reads.isBusy = false
    readNext()
  }

  /// Called whenever the channel has become writable, too.
  func readNext() {
    guard !reads.isBusy, channel.isWritable, let begin = reads.waiting.popFirst() else { return }
    reads.isBusy = true
    begin()
  }
}
