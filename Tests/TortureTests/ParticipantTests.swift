import MartletClient
import MartletProtocol
import Testing
import TortureCore

/// The clients of a trial: what they keep, send again and ask for.
@Suite struct ParticipantTests {
  private let conversation = ConversationID(7)
  private let sentAt = Timestamp(milliseconds: 0)
  private let target = Target.user(UserID(2))
  private var participant = Participant(window: 1)

  private func key(_ number: UInt64) -> IdempotencyKey { IdempotencyKey(high: 1, low: number) }

  private func place(_ sequence: Int64) -> Place { Place(conversation, MessageSequence(sequence)) }

  private func message(_ sequence: Int64) -> Message {
    Message(
      conversation: conversation, sequence: MessageSequence(sequence), sender: UserID(2),
      sentAt: sentAt, key: key(UInt64(100 + sequence)), text: "text \(sequence)")
  }

  private func history(_ sequences: Int64...) -> FetchHistory.Reply {
    FetchHistory.Reply(
      conversation: conversation, messages: sequences.map(message), more: false, reads: [])
  }

  private func stored(_ number: UInt64, at sequence: Int64) -> Participant.Input {
    .sendAnswered(
      key(number),
      .success(
        SendMessage.Reply(
          conversation: conversation, sequence: MessageSequence(sequence), sentAt: sentAt)))
  }

  private mutating func signIn() {
    _ = participant.handle(.signedIn(UserID(1), token: "token"))
  }

  private func sent(_ effects: [Participant.Effect]) -> [IdempotencyKey] {
    effects.compactMap { if case .send(let message) = $0 { message.key } else { nil } }
  }

  private func received(_ effects: [Participant.Effect]) -> [Int64] {
    effects.compactMap {
      if case .record(.received(let receipt)) = $0 { receipt.place.sequence.rawValue } else { nil }
    }
  }

  @Test mutating func messageIsRecordedBeforeItIsSent() {
    signIn()
    let effects = participant.handle(.write(key(1), target, text: "hi"))
    #expect(effects.first == .record(.intent(key(1), target, text: "hi")))
    #expect(sent(effects) == [key(1)])
  }

  @Test mutating func nextMessageWaitsForTheAnswerBeforeIt() {
    signIn()
    _ = participant.handle(.write(key(1), target, text: "one"))
    #expect(sent(participant.handle(.write(key(2), target, text: "two"))) == [])
    #expect(sent(participant.handle(stored(1, at: 1))) == [key(2)])
  }

  @Test mutating func unansweredMessageIsSentAgainUnderItsKey() {
    signIn()
    _ = participant.handle(.write(key(1), target, text: "hi"))
    #expect(sent(participant.handle(.disconnected)) == [])
    #expect(sent(participant.handle(.resumed(behind: []))) == [key(1)])
    _ = participant.handle(stored(1, at: 1))
    #expect(participant.outbox.count == 0)
  }

  @Test mutating func nextProcessGoesOnWhereTheLastOneWas() {
    signIn()
    var journal: [JournalEntry] = [.signedIn(UserID(1), token: "token")]
    for input: Participant.Input in [
      .message(message(1)), .write(key(1), target, text: "one"),
      .write(key(2), target, text: "two"), stored(1, at: 2),
    ] {
      journal += participant.handle(input).compactMap {
        if case .record(let entry) = $0 { entry } else { nil }
      }
    }
    var next = Participant(window: 1, replaying: journal)
    #expect(next.token == "token")
    #expect(
      next.cursors == [Resume.Cursor(conversation: conversation, sequence: MessageSequence(2))])
    #expect(sent(next.handle(.resumed(behind: []))) == [key(2)])
  }

  @Test mutating func refusalThatMayPassIsTriedAgainLater() {
    signIn()
    _ = participant.handle(.write(key(1), target, text: "hi"))
    let refusal = ClientError.refused(RPCError(.overloaded, ""))
    #expect(sent(participant.handle(.sendAnswered(key(1), .failure(refusal)))) == [])
    #expect(sent(participant.handle(.retryTimer)) == [key(1)])
  }

  @Test mutating func refusalForGoodIsRecordedAsFailure() {
    signIn()
    _ = participant.handle(.write(key(1), target, text: "hi"))
    let refusal = ClientError.refused(RPCError(.invalidText, ""))
    #expect(
      participant.handle(.sendAnswered(key(1), .failure(refusal)))
        == [.record(.failed(key(1), .invalidText))])
  }

  @Test mutating func gapIsFilledFromHistory() {
    signIn()
    #expect(received(participant.handle(.message(message(1)))) == [1])
    let effects = participant.handle(.message(message(4)))
    #expect(effects == [.fetch(place(1))])
    let page = history(2, 3, 4)
    #expect(
      received(participant.handle(.historyAnswered(conversation, .success(page)))) == [2, 3, 4])
    #expect(received(participant.handle(.message(message(4)))) == [])
  }

  @Test mutating func gapThatWasClearedIsRecordedAsCleared() {
    signIn()
    _ = participant.handle(.message(message(1)))
    _ = participant.handle(.message(message(4)))
    let page = history(4)
    let effects = participant.handle(.historyAnswered(conversation, .success(page)))
    #expect(effects.contains(.record(.cleared(place(3), .history))))
    #expect(received(effects) == [4])
  }
}
