import MartletProtocol

extension Checker {
  /// The database by itself and against what its clients meant.
  mutating func checkDatabase() {
    checkKeys()
    checkMessages()
    checkSequences()
    checkClears()
  }

  private mutating func checkKeys() {
    for key in database.keys {
      if let other = places[key.name], other != key.place {
        report(.doubled, "the key \(key.name) has the places \(other) and \(key.place)")
      }
      if let other = names[key.place], other != key.name {
        report(.doubled, "the place \(key.place) is that of \(other) and of \(key.name)")
      }
      if intents[key.name] == nil {
        report(.invented, "nobody wrote the key \(key.name) at \(key.place)")
      }
      remember(key)
    }
  }

  private mutating func checkMessages() {
    var seen: [MessageName: Place] = [:]
    for message in database.messages {
      if let other = seen.updateValue(message.place, forKey: message.name) {
        report(
          .doubled,
          "\(message.name)\(wrote(message.name)) is stored at \(other) and at \(message.place)")
      }
      if let place = places[message.name], place != message.place {
        report(.moved, "\(message.name) is at \(message.place) and its key at \(place)")
      } else if places[message.name] == nil {
        report(.lost, "the key of \(message.name) at \(message.place), by which a resend is known")
      }
      checkContent(of: message)
      remember(message)
    }
  }

  private mutating func checkContent(of message: DatabaseRows.Stored) {
    guard let intent = intents[message.name] else {
      report(.invented, "nobody wrote \(message.name) at \(message.place)")
      return
    }
    if intent.digest != message.digest {
      report(.altered, "\(message.place) says something else than \(intent.line)")
    }
    let members = database.conversations[message.place.conversation]?.members ?? []
    let isWhereItWasMeant =
      switch intent.target {
      case .conversation(let conversation): conversation == message.place.conversation
      case .user(let other): members == [message.name.sender, other]
      }
    if !isWhereItWasMeant {
      report(.altered, "\(intent.line), meant for \(intent.target.word), is at \(message.place)")
    }
  }

  /// Everything from behind what was cleared up to the newest is there, and nothing else.
  private mutating func checkSequences() {
    for (id, conversation) in database.conversations.sorted(by: { $0.key < $1.key }) {
      var sequence = conversation.cleared
      while sequence < conversation.last {
        sequence = sequence.next
        if stored[Place(id, sequence)] == nil {
          let whose = names[Place(id, sequence)].map { ", the place of \($0)\(wrote($0))" } ?? ""
          report(.hole, "\(Place(id, sequence)) is empty\(whose)")
        }
      }
    }
    for message in database.messages {
      guard let conversation = database.conversations[message.place.conversation] else {
        report(.hole, "\(message.place) is in no conversation")
        continue
      }
      if message.place.sequence <= conversation.cleared {
        report(.uncleared, "\(message.place) is there, cleared up to \(conversation.cleared)")
      }
      if message.place.sequence > conversation.last {
        report(.hole, "\(message.place) lies beyond the newest, \(conversation.last)")
      }
    }
  }

  private mutating func checkClears() {
    var clearing: Set<ConversationID> = []
    for journal in journals {
      for case .clearing(let conversation) in journal.entries { clearing.insert(conversation) }
    }
    for (id, conversation) in database.conversations.sorted(by: { $0.key < $1.key })
    where conversation.cleared > .none && !clearing.contains(id) {
      report(.clearedTooFar, "nobody cleared \(id), which is up to \(conversation.cleared)")
    }
  }

  /// Where a message was written, for people.
  func wrote(_ name: MessageName) -> String { intents[name].map { " (\($0.line))" } ?? "" }
}
