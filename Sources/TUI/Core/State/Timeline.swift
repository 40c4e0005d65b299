import MartletProtocol

/// The stored messages of one conversation that the client holds, and what it knows to be missing.
///
/// Sequences have no gaps at the server, so a jump between two neighbours means that the client has
/// missed something; it is shown, and asked for.
struct Timeline: Hashable, Sendable {
  /// In ascending sequence, each once.
  private(set) var messages: [Message] = []
  /// Up to here the history was cleared, for good; `none` where it never was.
  private(set) var cleared = MessageSequence.none
  /// Whether the server has said that nothing older than the first message exists.
  private var isStartKnown = false
  /// The newest message that is known to exist, whether held or not.
  private(set) var newestKnown = MessageSequence.none

  /// Messages after which the server has said that the next numbers are not to be had.
  private var closedGaps: Set<MessageSequence> = []

  var first: MessageSequence? { messages.first?.sequence }
  var last: MessageSequence { messages.last?.sequence ?? cleared }

  /// Whether nothing older than the first message exists.
  var reachesStart: Bool {
    if isStartKnown || first == MessageSequence.none.next { return true }
    guard cleared > .none else { return false }
    return first.map { $0 == cleared.next } ?? !isBehind
  }

  /// Whether newer messages exist than the last one held.
  var isBehind: Bool { last < newestKnown }

  /// How many messages are missing between message `index` and the one before it.
  func gap(before index: Int) -> Int64 {
    guard index > 0, index < messages.count else { return 0 }
    let lower = messages[index - 1].sequence
    let upper = messages[index].sequence
    guard upper > lower.next, !closedGaps.contains(lower) else { return 0 }
    return upper.rawValue - lower.rawValue - 1
  }

  /// Whether a message is missing among those held after a place.
  func hasGap(after sequence: MessageSequence) -> Bool {
    (index(of: sequence.next).index..<messages.count).contains { gap(before: $0) > 0 }
  }

  /// How many messages are missing after the last one.
  var gapAtEnd: Int64 { max(0, newestKnown.rawValue - last.rawValue) }

  /// The place of a message in `messages`, or where it would be.
  func index(of sequence: MessageSequence) -> (index: Int, isHeld: Bool) {
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if messages[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return (low, low < messages.count && messages[low].sequence == sequence)
  }

  /// Notes that a message exists.
  mutating func learn(newest sequence: MessageSequence) {
    newestKnown = max(newestKnown, sequence)
  }

  /// Adds one message.
  ///
  /// - Returns: `false` if it was held already, or has no place that a message can have.
  @discardableResult
  mutating func insert(_ message: Message) -> Bool {
    guard message.sequence > cleared else { return false }
    learn(newest: message.sequence)
    guard message.sequence <= last else {
      messages.append(message)
      return true
    }
    let (index, isHeld) = index(of: message.sequence)
    guard !isHeld else { return false }
    messages.insert(message, at: index)
    return true
  }

  /// Adds messages that were held before, of whatever stretches.
  mutating func restore(_ held: [Message]) {
    var newest = cleared
    let sound = held.sorted { $0.sequence < $1.sequence }.filter { message in
      guard message.sequence > newest else { return false }
      newest = message.sequence
      return true
    }
    // At once: a thousand insertions in front of a thousand messages would be felt.
    let older = first.map { first in sound.prefix { $0.sequence < first } } ?? sound[...]
    messages.insert(contentsOf: older, at: 0)
    for message in sound[older.endIndex...] { insert(message) }
    learn(newest: last)
  }

  /// Drops everything up to a message, for good: what still arrives from there is not taken.
  mutating func clear(through sequence: MessageSequence) {
    guard sequence > cleared else { return }
    cleared = sequence
    // What comes first from here on may have been missed.
    isStartKnown = false
    let (index, isHeld) = index(of: sequence)
    messages.removeSubrange(..<(isHeld ? index + 1 : index))
    closedGaps = closedGaps.filter { $0 > sequence }
    learn(newest: sequence)
  }

  /// Adds a page of history, and notes what its edges say about gaps. What is not of the page's own
  /// conversation, or has no place in it, is left out.
  mutating func merge(_ page: FetchHistory.Reply, at anchor: HistoryAnchor) {
    let isOutdated = page.messages.contains { $0.sequence <= cleared && cleared > .none }
    let page = (messages: sound(page), more: page.more)
    let wasEmpty = messages.isEmpty
    let oldFirst = first
    if let newest = page.messages.last, let oldFirst, newest.sequence < oldFirst {
      messages.insert(contentsOf: page.messages, at: 0)
    } else {
      for message in page.messages { insert(message) }
    }
    // Read before the history was cleared, it says nothing about what there is now.
    guard !isOutdated else { return }
    // "More" without a single message would be asked for without end.
    let hasMore = page.more && !page.messages.isEmpty
    switch anchor {
    case .latest, .around:
      if !hasMore, first == page.messages.first?.sequence { isStartKnown = true }
      if anchor == .latest {
        newestKnown = page.messages.last.map { max($0.sequence, last) } ?? last
      }
      if wasEmpty, page.messages.isEmpty { isStartKnown = true }
    case .before(let sequence):
      if !hasMore, sequence == oldFirst { isStartKnown = true }
      // The page ends where it was asked to; what still lies between is not to be had.
      let (index, isHeld) = index(of: sequence)
      if isHeld, gap(before: index) > 0 { closedGaps.insert(messages[index - 1].sequence) }
    case .after(let sequence):
      guard let oldest = page.messages.first else {
        closedGaps.insert(sequence)
        if sequence == last { newestKnown = sequence }
        return
      }
      if oldest.sequence > sequence.next { closedGaps.insert(sequence) }
    }
  }

  private func sound(_ page: FetchHistory.Reply) -> [Message] {
    var last = cleared
    return page.messages.sorted { $0.sequence < $1.sequence }.filter { message in
      guard message.conversation == page.conversation, message.sequence > last else { return false }
      last = message.sequence
      return true
    }
  }
}

extension Timeline {
  /// What the messages take, about, in bytes.
  var weight: Int { messages.reduce(0) { $0 + $1.weight } }

  /// Lets go of messages, so that what is left takes no more than so many bytes: the newest, or those
  /// around a place that is being read. What is let go of counts as not yet fetched.
  mutating func keep(_ place: MessageSequence?, atMost bytes: Int) {
    var range = messages.count..<messages.count
    if let place {
      let index = index(of: place).index
      range = index..<index
    }
    var left = bytes
    var isGrowing = true
    // Older and newer ones in turn, as long as there is room.
    while isGrowing {
      isGrowing = false
      if range.lowerBound > 0, messages[range.lowerBound - 1].weight <= left {
        left -= messages[range.lowerBound - 1].weight
        range = range.lowerBound - 1..<range.upperBound
        isGrowing = true
      }
      if range.upperBound < messages.count, messages[range.upperBound].weight <= left {
        left -= messages[range.upperBound].weight
        range = range.lowerBound..<range.upperBound + 1
        isGrowing = true
      }
    }
    guard range != messages.indices else { return }
    learn(newest: last)
    if range.lowerBound > 0 { isStartKnown = false }
    messages = Array(messages[range])
    guard let first else {
      closedGaps = []
      return
    }
    closedGaps = closedGaps.filter { $0 >= first && $0 <= last }
  }
}
