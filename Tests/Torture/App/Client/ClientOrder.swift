import MartletProtocol
import TortureCore

/// What the process of a trial tells that of a client, a line each on its standard input.
enum ClientOrder: Hashable, Sendable {
  /// Write to these from now on, so many messages a second.
  case converse([Target], perSecond: Double)
  /// Write nothing by yourself any more.
  case quiet
  /// Write so many messages to one target at once.
  case rush(Target, messages: Int)
  case clear(ConversationID)
  /// Set the clock.
  case jump(milliseconds: Int64)

  var line: String {
    switch self {
    case .converse(let targets, let rate):
      "converse \(rate) \(targets.map(\.word).joined(separator: ","))"
    case .quiet: "quiet"
    case .rush(let target, let messages): "rush \(messages) \(target.word)"
    case .clear(let conversation): "clear \(conversation)"
    case .jump(let milliseconds): "jump \(milliseconds)"
    }
  }

  init?(line: some StringProtocol) {
    let words = line.split(separator: " ")
    switch (words.first, words.count) {
    case ("converse", 3):
      guard let rate = Double(String(words[1])) else { return nil }
      self = .converse(
        words[2].split(separator: ",").compactMap { Target(word: $0) }, perSecond: rate)
    case ("quiet", 1): self = .quiet
    case ("rush", 3):
      guard let messages = Int(words[1]), let target = Target(word: words[2]) else { return nil }
      self = .rush(target, messages: messages)
    case ("clear", 2):
      guard let conversation = Int64(words[1]) else { return nil }
      self = .clear(ConversationID(conversation))
    case ("jump", 2):
      guard let milliseconds = Int64(words[1]) else { return nil }
      self = .jump(milliseconds: milliseconds)
    case _: return nil
    }
  }
}
