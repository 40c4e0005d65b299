import MartletProtocol

extension Checker {
  /// Every message that was acknowledged is where it was said to be, or cleared; none is that failed.
  mutating func checkAnswers(in journal: Journal, of user: UserID) {
    var answers: [IdempotencyKey: (line: Line, place: Place)] = [:]
    for (line, entry) in journal.lines {
      switch entry {
      case .acknowledged(let key, let place):
        if let first = answers[key], first.place != place {
          report(.doubled, "\(first.line) says \(first.place) and \(line) says \(place)")
        }
        answers[key] = (line, place)
        checkAnswer(MessageName(user, key), place, line)
      case .failed(let key, let code):
        if let place = places[MessageName(user, key)] {
          report(.falselyFailed, "\(MessageName(user, key)) is at \(place), \(line) says \(code)")
        }
      case .stopped(let reason): report(.turnedAway, "\(line): \(reason)")
      case .started, .signedIn, .intent, .received, .clearing, .cleared: break
      }
    }
  }

  private mutating func checkAnswer(_ name: MessageName, _ place: Place, _ line: Line) {
    guard let known = places[name] else {
      let instead = names[place].map { "; \($0)\(wrote($0)) is there" } ?? ""
      return report(
        .lost, "\(name)\(wrote(name)), acknowledged at \(place) by \(line)\(instead)")
    }
    guard known == place else {
      return report(
        .moved, "\(name)\(wrote(name)), acknowledged at \(place) by \(line), is at \(known)")
    }
    // Cleared, it is gone for good, but for its key.
    guard place.sequence > cleared(place.conversation) else { return }
    guard let message = stored[place] else {
      return report(.lost, "\(name)\(wrote(name)), acknowledged at \(place) by \(line)")
    }
    if message.name != name {
      report(.moved, "\(name), acknowledged at \(place) by \(line); \(message.name) is there")
    }
  }

  /// Every message that was received is the one at its place, given once and in order.
  mutating func checkReceipts(in journal: Journal, of user: UserID) {
    var cursors: [ConversationID: MessageSequence] = [:]
    var received: [MessageName: Line] = [:]
    for (line, entry) in journal.lines {
      switch entry {
      case .cleared(let place, let source):
        cursors[place.conversation] = max(cursors[place.conversation] ?? .none, place.sequence)
        if place.sequence > cleared(place.conversation) {
          report(
            .clearedTooFar,
            "\(line) holds \(place) for cleared (\(source)), which goes up to "
              + "\(cleared(place.conversation))")
        }
      case .received(let receipt):
        let place = receipt.place
        let cursor = cursors[place.conversation] ?? .none
        if let first = received.updateValue(line, forKey: receipt.name) {
          report(.deliveredTwice, "\(receipt.name), by \(first) and by \(line)")
        } else if place.sequence != cursor.next {
          report(.deliveredOutOfOrder, "\(place) by \(line), after \(cursor)")
        }
        cursors[place.conversation] = max(cursor, place.sequence)
        checkReceipt(receipt, line, of: user)
      case .started, .signedIn, .intent, .acknowledged, .failed, .clearing, .stopped: break
      }
    }
  }

  private mutating func checkReceipt(
    _ receipt: JournalEntry.Receipt, _ line: Line, of user: UserID
  ) {
    let place = receipt.place
    if let conversation = database.conversations[place.conversation],
      !conversation.members.contains(user)
    {
      report(.disclosed, "\(place) to user \(user), by \(line)")
    }
    guard let name = names[place] else {
      return report(
        .phantom, "\(receipt.name)\(wrote(receipt.name)), received at \(place) by \(line)")
    }
    guard name == receipt.name else {
      return report(
        .disagreement,
        "\(place) is \(name)\(wrote(name)), and \(line) holds \(receipt.name)"
          + wrote(receipt.name))
    }
    if let intent = intents[name], intent.digest != receipt.digest {
      report(.altered, "\(line) says something else than \(intent.line)")
    }
  }

  /// No message has a place before one that its sender had seen when writing it; nor, if the sender
  /// waits for each answer, before one that it wrote to the same target earlier.
  mutating func checkOrder(in journal: Journal, of user: UserID) {
    var seen: [ConversationID: (sequence: MessageSequence, line: Line)] = [:]
    var written: [Target: (sequence: MessageSequence, line: Line)] = [:]
    var waitsForAnswers = false
    for (line, entry) in journal.lines {
      switch entry {
      case .started(let window): waitsForAnswers = window == 1
      case .acknowledged(_, let place): see(place)
      case .received(let receipt): see(receipt.place)
      case .intent(let key, let target, _):
        guard let place = places[MessageName(user, key)] else { continue }
        let earlier = waitsForAnswers ? written[target] : nil
        for known in [seen[place.conversation], earlier] {
          if let known, known.sequence >= place.sequence {
            report(
              .orderReversed,
              "\(line) has the place \(place), and \(known.line) before it \(known.sequence)")
          }
        }
        written[target] = (place.sequence, line)
      case .signedIn, .failed, .clearing, .cleared, .stopped: break
      }
      func see(_ place: Place) {
        guard place.sequence > seen[place.conversation]?.sequence ?? .none else { return }
        seen[place.conversation] = (place.sequence, line)
      }
    }
  }

  /// At the end nothing waits, and the client has all that the database has.
  mutating func checkEnd(of journal: Journal, of user: UserID) {
    let end = Participant(window: 1, replaying: journal.entries)
    for message in end.outbox.messages {
      report(.unsent, "\(MessageName(user, message.key))\(wrote(MessageName(user, message.key)))")
    }
    for (id, conversation) in database.conversations.sorted(by: { $0.key < $1.key })
    where conversation.members.contains(user) {
      let held = end.conversations[id] ?? HeldConversation()
      if held.cursor != conversation.last {
        report(.behind, "\(journal.name) has \(Place(id, held.cursor)) of \(conversation.last)")
      }
      if held.cleared != conversation.cleared {
        report(
          .behind,
          "\(journal.name) holds \(id) for cleared up to \(held.cleared), which is "
            + "\(conversation.cleared)")
      }
    }
  }
}

extension JournalEntry.Receipt {
  fileprivate var name: MessageName { MessageName(sender, key) }
}
