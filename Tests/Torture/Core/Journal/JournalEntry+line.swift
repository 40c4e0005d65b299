public import MartletProtocol

/// One line per entry: words with blanks between, a text last.
extension JournalEntry {
  /// The entry as a line, without its end.
  public var line: String {
    switch self {
    case .started(let window): "started \(window)"
    case .signedIn(let user, let token): "signed-in \(user) \(token)"
    case .intent(let key, let target, let text):
      "intent \(key) \(target.word) \(EscapedText.escape(text))"
    case .acknowledged(let key, let place): "acknowledged \(key) \(place)"
    case .failed(let key, let code): "failed \(key) \(code.rawValue)"
    case .received(let receipt):
      "received \(receipt.place) \(receipt.sender) \(receipt.key) \(receipt.digest) "
        + receipt.source.rawValue
    case .clearing(let conversation): "clearing \(conversation)"
    case .cleared(let place, let source): "cleared \(place) \(source.rawValue)"
    case .stopped(let reason): "stopped \(EscapedText.escape(reason))"
    }
  }

  /// Reads a line; `nil` when it is none of a journal.
  public init?(line: some StringProtocol) {
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard let verb = words.first else { return nil }
    let read: JournalEntry? =
      switch (verb, words.count) {
      case ("started", 2): Int(words[1]).map(JournalEntry.started)
      case ("signed-in", 3):
        Int64(words[1]).map { .signedIn(UserID($0), token: String(words[2])) }
      case ("intent", 4): Self.intent(words)
      case ("acknowledged", 3): Self.acknowledged(words)
      case ("failed", 3): Self.failed(words)
      case ("received", 4): Self.received(words)
      case ("clearing", 2): Int64(words[1]).map { .clearing(ConversationID($0)) }
      case ("cleared", 3): Self.cleared(words)
      case ("stopped", 2...):
        EscapedText.unescape(line.dropFirst("stopped ".count)).map(JournalEntry.stopped)
      case _: nil
      }
    guard let read else { return nil }
    self = read
  }

  private static func intent(_ words: [some StringProtocol]) -> JournalEntry? {
    guard let key = IdempotencyKey(words[1]), let target = Target(word: words[2]),
      let text = EscapedText.unescape(words[3])
    else { return nil }
    return .intent(key, target, text: text)
  }

  private static func acknowledged(_ words: [some StringProtocol]) -> JournalEntry? {
    guard let key = IdempotencyKey(words[1]), let place = Place(words[2]) else { return nil }
    return .acknowledged(key, place)
  }

  private static func failed(_ words: [some StringProtocol]) -> JournalEntry? {
    guard let key = IdempotencyKey(words[1]), let code = Int(words[2]) else { return nil }
    return .failed(key, ErrorCode(rawValue: code))
  }

  private static func received(_ words: [some StringProtocol]) -> JournalEntry? {
    let rest = words[3].split(separator: " ")
    guard rest.count == 3, let place = Place(words[1]), let sender = Int64(words[2]),
      let key = IdempotencyKey(rest[0]), let digest = TextDigest(rest[1]),
      let source = Source(rawValue: String(rest[2]))
    else { return nil }
    return .received(
      Receipt(place: place, sender: UserID(sender), key: key, digest: digest, source: source))
  }

  private static func cleared(_ words: [some StringProtocol]) -> JournalEntry? {
    guard let place = Place(words[1]), let source = Source(rawValue: String(words[2])) else {
      return nil
    }
    return .cleared(place, source)
  }
}

extension Place {
  /// Reads what ``description`` writes.
  init?(_ text: some StringProtocol) {
    let numbers = text.split(separator: ":").map { Int64($0) }
    guard numbers.count == 2, let conversation = numbers[0], let sequence = numbers[1] else {
      return nil
    }
    self.init(ConversationID(conversation), MessageSequence(sequence))
  }
}

extension Target {
  /// The target as one word: `u3` for a user, `c7` for a conversation.
  public var word: String {
    switch self {
    case .user(let user): "u\(user)"
    case .conversation(let conversation): "c\(conversation)"
    }
  }

  /// Reads what ``word`` writes.
  public init?(word: some StringProtocol) {
    guard let number = Int64(word.dropFirst()) else { return nil }
    switch word.first {
    case "u": self = .user(UserID(number))
    case "c": self = .conversation(ConversationID(number))
    case _: return nil
    }
  }
}
