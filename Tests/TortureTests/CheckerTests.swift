import MartletProtocol
import Testing
import TortureCore

/// A history that is well has no violations; each way to spoil it is found, and named.
@Suite struct CheckerTests {
  private var history = History()

  @Test func historyThatIsWellBreaksNothing() {
    #expect(history.violations == [])
  }

  // MARK: Messages in the database

  @Test mutating func lostMessageIsFound() {
    history.database.messages.removeLast()
    history.database.keys.removeLast()
    #expect(history.broken.isSuperset(of: [.lost, .hole, .phantom]))
  }

  @Test mutating func messageLostWithItsPlaceIsFound() {
    // As if the database had gone back, which leaves no hole.
    history.database.messages.removeLast()
    history.database.keys.removeLast()
    history.database.conversations[History.conversation] = DatabaseRows.Conversation(
      last: MessageSequence(2), cleared: .none, members: Set(History.users))
    #expect(history.broken == [.lost, .phantom, .behind])
  }

  @Test mutating func lostKeyIsFound() {
    history.database.keys.removeLast()
    #expect(history.broken.contains(.lost))
  }

  @Test mutating func doubledMessageIsFound() {
    history.database.messages.append(
      DatabaseRows.Stored(
        place: history.place(4), name: history.name(3),
        digest: TextDigest(of: history.text(3))))
    history.database.conversations[History.conversation] = DatabaseRows.Conversation(
      last: MessageSequence(4), cleared: .none, members: Set(History.users))
    #expect(history.broken.contains(.doubled))
  }

  @Test mutating func keyWithTwoPlacesIsFound() {
    history.database.keys.append(DatabaseRows.Key(name: history.name(3), place: history.place(4)))
    #expect(history.broken.contains(.doubled))
  }

  @Test mutating func placeOfTwoMessagesIsFound() {
    history.database.keys.append(
      DatabaseRows.Key(name: history.name(2), place: history.place(3)))
    #expect(history.broken.contains(.doubled))
  }

  @Test mutating func messagesThatChangedPlacesAreFound() {
    history.database.messages[1] = DatabaseRows.Stored(
      place: history.place(3), name: history.name(2), digest: TextDigest(of: history.text(2)))
    history.database.messages[2] = DatabaseRows.Stored(
      place: history.place(2), name: history.name(3), digest: TextDigest(of: history.text(3)))
    #expect(history.broken.contains(.moved))
  }

  @Test mutating func messageThatNobodyWroteIsFound() {
    let intent = history.intent(3)
    history.first.removeAll { $0 == intent }
    #expect(history.broken.contains(.invented))
  }

  @Test mutating func changedTextIsFound() {
    history.database.messages[0] = DatabaseRows.Stored(
      place: history.place(1), name: history.name(1), digest: TextDigest(of: "else"))
    #expect(history.broken == [.altered])
  }

  @Test mutating func messageToSomebodyElseIsFound() {
    history.first[2] = .intent(history.key(1), .user(UserID(3)), text: history.text(1))
    #expect(history.broken == [.altered])
  }

  @Test mutating func holeIsFound() {
    history.database.messages.remove(at: 1)
    #expect(history.broken.contains(.hole))
  }

  @Test mutating func messageBeyondTheNewestIsFound() {
    history.database.conversations[History.conversation] = DatabaseRows.Conversation(
      last: MessageSequence(2), cleared: .none, members: Set(History.users))
    #expect(history.broken.contains(.hole))
  }

  // MARK: Clearing

  /// User 1 clears up to message 2, and both learn it.
  private mutating func clear() {
    history.first += [
      .clearing(History.conversation), .cleared(history.place(2), .reply),
    ]
    history.second.append(.cleared(history.place(2), .push))
    history.clearDatabase(upTo: 2)
  }

  @Test mutating func clearedMessagesAreNotMissed() {
    clear()
    #expect(history.violations == [])
  }

  @Test mutating func clearedMessageThatIsThereIsFound() {
    clear()
    history.database.messages.append(history.stored(1))
    #expect(history.broken == [.uncleared])
  }

  @Test mutating func clearingThatNobodyAskedForIsFound() {
    clear()
    history.first.removeAll { $0 == .clearing(History.conversation) }
    #expect(history.broken == [.clearedTooFar])
  }

  @Test mutating func clientThatHoldsTooMuchForClearedIsFound() {
    clear()
    history.second.append(.cleared(history.place(3), .history))
    #expect(history.broken.contains(.clearedTooFar))
  }

  @Test mutating func clientThatDidNotHearOfAClearIsFound() {
    clear()
    history.second.removeLast()
    #expect(history.broken == [.behind])
  }

  // MARK: Answers

  @Test mutating func answerWithAnotherPlaceIsFound() {
    history.first[3] = .acknowledged(history.key(1), history.place(2))
    #expect(history.broken.contains(.moved))
  }

  @Test mutating func twoAnswersWithTwoPlacesAreFound() {
    history.first.insert(.acknowledged(history.key(1), history.place(3)), at: 4)
    #expect(history.broken.contains(.doubled))
  }

  @Test mutating func messageOnlyAcknowledgedIsFoundLost() {
    history.first += [
      .intent(history.key(9), .user(History.users[1]), text: "gone"),
      .acknowledged(history.key(9), history.place(4)),
    ]
    #expect(history.broken == [.lost])
  }

  @Test mutating func messageThatWaitsForEverIsFound() {
    history.first.append(.intent(history.key(9), .user(History.users[1]), text: "waiting"))
    #expect(history.broken == [.unsent])
  }

  @Test mutating func messageThatVisiblyFailedIsWell() {
    history.first += [
      .intent(history.key(9), .user(History.users[1]), text: "refused"),
      .failed(history.key(9), .unavailable),
    ]
    #expect(history.violations == [])
  }

  @Test mutating func messageThatFailedAndWasStoredIsFound() {
    history.first[3] = .failed(history.key(1), .unavailable)
    #expect(history.broken == [.falselyFailed])
  }

  // MARK: Receipts

  @Test mutating func messageReceivedTwiceIsFound() {
    history.second.append(history.received(3, .push))
    #expect(history.broken == [.deliveredTwice])
  }

  @Test mutating func messagesReceivedInAnotherOrderAreFound() {
    history.second.swapAt(5, 6)
    #expect(history.broken.contains(.deliveredOutOfOrder))
  }

  @Test mutating func messageThatWasNotReceivedIsFound() {
    history.second.removeLast()
    #expect(history.broken == [.behind])
  }

  @Test mutating func messageSkippedByAClientIsFound() {
    history.second.remove(at: 2)
    #expect(history.broken.contains(.deliveredOutOfOrder))
  }

  @Test mutating func messageReceivedWithAnotherTextIsFound() {
    history.second[2] = history.received(1, .push, text: "else")
    #expect(history.broken == [.altered])
  }

  @Test mutating func anotherMessageAtAPlaceIsFound() {
    history.second[6] = history.received(1, .push, at: 3)
    #expect(history.broken.contains(.disagreement))
  }

  @Test mutating func messageOfOthersIsFound() {
    history.database.conversations[History.conversation] = DatabaseRows.Conversation(
      last: MessageSequence(3), cleared: .none, members: [History.users[0]])
    #expect(history.broken.contains(.disclosed))
  }

  // MARK: Order, and clients as a whole

  @Test mutating func answerBeforeItsQuestionIsFound() {
    // User 2 had message 3 already when writing message 2.
    history.second = [
      .started(window: 8), .signedIn(History.users[1], token: "b"),
      history.received(1, .push), history.received(3, .push), history.intent(2),
      .acknowledged(history.key(2), history.place(2)), history.received(2, .reply),
    ]
    #expect(history.broken.contains(.orderReversed))
  }

  @Test mutating func messagesOfOneSenderInAnotherOrderAreFound() {
    history.first = [
      .started(window: 1), .signedIn(History.users[0], token: "a"),
      history.intent(3), history.intent(1), .acknowledged(history.key(3), history.place(3)),
      .acknowledged(history.key(1), history.place(1)), history.received(1, .history),
      history.received(2, .history), history.received(3, .history),
    ]
    #expect(history.broken == [.orderReversed])
    // Who does not wait for answers was promised nothing.
    history.first[0] = .started(window: 8)
    #expect(history.violations == [])
  }

  @Test mutating func clientThatWasTurnedAwayIsFound() {
    history.first.append(.stopped("signed out"))
    #expect(history.broken == [.turnedAway])
  }

  @Test mutating func clientThatNeverSignedInIsFound() {
    history.second = [.started(window: 8)]
    #expect(history.broken.contains(.turnedAway))
  }
}
