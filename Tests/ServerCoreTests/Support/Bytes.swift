import MartletMedia
import Synchronization

/// Bytes in memory, which count what is read of them.
final class Bytes: RandomAccessBytes {
  let count: Int64
  private let content: [UInt8]
  private let fill: UInt8
  private let reads = Mutex(Reads())

  struct Reads {
    var largest = 0
    var total: Int64 = 0
  }

  /// `content`, and behind it `fill` up to `count`.
  init(_ content: [UInt8], count: Int64? = nil, fill: UInt8 = 0) {
    self.content = content
    self.count = count ?? Int64(content.count)
    self.fill = fill
  }

  var read: Reads { reads.withLock { $0 } }

  func read(at offset: Int64, count wanted: Int) -> [UInt8] {
    reads.withLock {
      $0.largest = max($0.largest, wanted)
      $0.total += Int64(wanted)
    }
    let end = min(offset + Int64(wanted), count)
    let known = content.dropFirst(Int(offset)).prefix(max(0, Int(end - offset)))
    return known + [UInt8](repeating: fill, count: max(0, Int(end - offset) - known.count))
  }
}
