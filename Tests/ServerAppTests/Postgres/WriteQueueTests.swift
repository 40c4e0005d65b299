import MartletProtocol
import ServerCore
import Testing

@testable import ServerApp

@Suite struct WriteQueueTests {
  @Test func messagesComeOutAsTheyWentIn() {
    var queue = WriteQueue(["1a", "2b", "1c"])
    #expect(queue.takeReady(atMost: 2).texts == ["1a", "2b"])
    #expect(queue.takeReady(atMost: 2).texts == ["1c"])
    #expect(queue.takeReady(atMost: 2).isEmpty)
  }

  @Test func aHeldConversationWaitsApartAndTheOthersGoOn() {
    var queue = WriteQueue(["1a", "2b", "1c", "2d"])
    queue.hold(Array(queue.takeReady(atMost: 1)))
    queue.append(.test("1e"))
    #expect(queue.takeReady(atMost: 9).texts == ["2b", "2d"])
    #expect(queue.takeHeld(atMost: 9).texts == ["1a", "1c", "1e"])
  }

  @Test func whatIsHeldAgainStaysBeforeWhatCameMeanwhile() {
    var queue = WriteQueue(["1a", "1b"])
    queue.hold(queue.takeReady(atMost: 9))
    let tried = queue.takeHeld(atMost: 1)
    queue.append(.test("1c"))
    queue.hold(tried)
    #expect(queue.takeHeld(atMost: 9).texts == ["1a", "1b", "1c"])
  }

  @Test func heldConversationsAreTriedInTurn() {
    var queue = WriteQueue(["1a", "2b"])
    queue.hold(queue.takeReady(atMost: 1))
    queue.hold(queue.takeReady(atMost: 1))
    let first = queue.takeHeld(atMost: 9)
    queue.hold(first)
    #expect([first, queue.takeHeld(atMost: 9)].map(\.texts) == [["1a"], ["2b"]])
  }

  @Test func releasedMessagesGoBeforeWhatCameMeanwhileAndInOrder() {
    var queue = WriteQueue(["1a", "1b", "2c"])
    queue.hold(queue.takeReady(atMost: 2))
    let tried = queue.takeHeld(atMost: 1)
    #expect(tried.texts == ["1a"])
    queue.release()
    queue.append(.test("1d"))
    #expect(queue.takeReady(atMost: 9).texts == ["1b", "2c", "1d"])
    #expect(queue.takeHeld(atMost: 9).isEmpty)
  }

  @Test func whatIsHeldCounts() {
    var queue = WriteQueue(["1a", "1b", "2c"])
    queue.hold(queue.takeReady(atMost: 1))
    #expect(queue.count == 3)
  }
}

extension WriteQueue {
  /// A queue of messages that ``Submission/test(_:)`` makes.
  fileprivate init(_ texts: [String]) {
    self.init()
    for text in texts { append(.test(text)) }
  }
}

extension WriteQueue.Submission {
  /// A message that begins with the number of its conversation.
  fileprivate static func test(_ text: String) -> Self {
    let conversation = ConversationID(text.first?.wholeNumberValue.map(Int64.init) ?? 0)
    return Self(
      message: NewMessage(
        conversation: conversation, sender: UserID(1), key: .fresh(), text: text),
      completion: { _ in })
  }
}

extension [WriteQueue.Submission] {
  fileprivate var texts: [String] { map(\.message.text) }
}
