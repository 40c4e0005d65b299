import ServerCore
import Synchronization

/// A cleaner that counts how often it was woken.
final class CountingCleaner: Cleaner {
  private let count = Mutex(0)

  var wakes: Int { count.withLock { $0 } }

  func wake() { count.withLock { $0 += 1 } }
}
