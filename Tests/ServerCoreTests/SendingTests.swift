import MartletProtocol
import Synchronization
import Testing

@testable import ServerCore

@Suite struct SendingTests {
  private let test = TestChat()

  private func message(
    to target: Target, _ text: String = "hi", key: UInt64 = 1
  ) -> SendMessage {
    SendMessage(target: target, key: .numbered(key), text: text)
  }

  private func refusal(
    _ request: SendMessage, as signedIn: SignedIn
  ) async -> RPCError? {
    do {
      if try test.chat.addressFromMemory(request, as: signedIn) == nil {
        _ = try await test.chat.address(request, as: signedIn)
      }
      return nil
    } catch {
      return error
    }
  }

  @Test func theFirstMessageMakesTheConversationAndTellsEveryDevice() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let before = alice.mailbox.pushes.count
    let addressed = try await test.chat.address(
      message(to: .user(bob.signedIn.user.id)), as: alice.signedIn)
    let push = ServerPush.conversation(
      ConversationPush(
        conversation: addressed.message.conversation,
        members: [alice.signedIn.user.id, bob.signedIn.user.id]))
    #expect(alice.mailbox.pushes.dropFirst(before) == [push])
    #expect(bob.mailbox.pushes == [push])
  }

  @Test func aConversationIsToldOfUntilSomethingIsWrittenInIt() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let to = message(to: .user(bob.signedIn.user.id))
    let back = message(to: .user(alice.signedIn.user.id))
    let first = try await test.chat.address(to, as: alice.signedIn)
    // Bob answers before Alice's message is stored: both must know the conversation by then.
    _ = try await test.chat.address(back, as: bob.signedIn)
    #expect(bob.mailbox.pushes.count == 2)
    test.store.change { $0.written.insert(first.message.conversation) }
    _ = try await test.chat.address(to, as: alice.signedIn)
    #expect(bob.mailbox.pushes.count == 2)
  }

  @Test func aKnownConversationNeedsNoQuestion() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let request = message(to: .user(bob.signedIn.user.id))
    #expect(try test.chat.addressFromMemory(request, as: alice.signedIn) == nil)
    let addressed = try await test.chat.address(request, as: alice.signedIn)
    let questions = test.store.read(\.questions)
    let again = try test.chat.addressFromMemory(
      message(to: .conversation(addressed.message.conversation)), as: bob.signedIn)
    #expect(again?.members == addressed.members)
    #expect(try test.chat.addressFromMemory(request, as: alice.signedIn) != nil)
    #expect(test.store.read(\.questions) == questions)
  }

  @Test func theSenderIsAnsweredBeforeOthersAreTold() async throws {
    let record = Record()
    let alice = try await test.connected("alice")
    let bob = try await test.connected("bob", record: record)
    let addressed = try await test.chat.address(
      message(to: .user(bob.signedIn.user.id), "你好"), as: alice.signedIn)
    let before = record.events.count
    let reply = Mutex<Result<SendMessage.Reply, RPCError>?>(nil)
    test.chat.send(addressed, from: alice.mailbox) { result in
      record.append(.answered)
      reply.withLock { $0 = result }
    }
    #expect(record.events.count == before)
    test.writer.commit(as: MessageSequence(41))
    let stored = Message(
      conversation: addressed.message.conversation, sequence: MessageSequence(41),
      sender: alice.signedIn.user.id, sentAt: .sample, key: .numbered(1), text: "你好")
    #expect(
      record.events.dropFirst(before)
        == [.answered, .pushed(.message(MessagePush(message: stored)))])
    let expected = SendMessage.Reply(
      conversation: stored.conversation, sequence: stored.sequence, sentAt: .sample)
    #expect(try reply.withLock { $0 }?.get() == expected)
  }

  @Test func theOriginGetsTheReplyAndTheSendersOtherDevicesThePush() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let other = RecordingMailbox()
    test.chat.connected(other, as: alice.signedIn)
    let addressed = try await test.chat.address(
      message(to: .user(bob.signedIn.user.id)), as: alice.signedIn)
    let before = alice.mailbox.events
    test.chat.send(addressed, from: alice.mailbox) { _ in }
    test.writer.commit(as: MessageSequence(1))
    #expect(alice.mailbox.events == before)
    #expect(other.pushes.map(\.isMessage) == [false, true])
  }

  @Test func aRefusedMessageIsToldToNobody() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let addressed = try await test.chat.address(
      message(to: .user(bob.signedIn.user.id)), as: alice.signedIn)
    let before = bob.mailbox.events
    let error = Mutex<RPCError?>(nil)
    test.chat.send(addressed, from: alice.mailbox) { result in
      guard case .failure(let failure) = result else { return }
      error.withLock { $0 = failure }
    }
    test.writer.fail(.unavailable)
    #expect(error.withLock { $0 }?.code == .unavailable)
    #expect(bob.mailbox.events == before)
  }

  @Test func aKeyOfAnotherConversationIsNotToldToThisOne() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let addressed = try await test.chat.address(
      message(to: .user(bob.signedIn.user.id)), as: alice.signedIn)
    let before = bob.mailbox.events
    let reply = Mutex<SendMessage.Reply?>(nil)
    test.chat.send(addressed, from: alice.mailbox) { result in
      reply.withLock { $0 = try? result.get() }
    }
    test.writer.commit(as: MessageSequence(7), in: ConversationID(999))
    #expect(reply.withLock { $0 }?.conversation == ConversationID(999))
    #expect(bob.mailbox.events == before)
  }

  @Test func messagesAreSubmittedInOrder() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    for text in ["一", "二", "三"] {
      let addressed = try await test.chat.address(
        message(to: .user(bob.signedIn.user.id), text), as: alice.signedIn)
      test.chat.send(addressed, from: alice.mailbox) { _ in }
    }
    #expect(test.writer.texts == ["一", "二", "三"])
  }

  @Test func theTextIsStoredNormalised() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let addressed = try await test.chat.address(
      message(to: .user(bob.signedIn.user.id), "\r\n  a\r\nb  \n"), as: alice.signedIn)
    #expect(addressed.message.text == "  a\nb")
  }

  @Test func nobodyWritesToThemselvesOrToNobody() async throws {
    let alice = try await test.signedIn("alice")
    for target in [Target.user(alice.user.id), .user(UserID(77))] {
      #expect(await refusal(message(to: target), as: alice)?.code == .unknownUser)
    }
    #expect(test.store.read(\.direct).values.contains(ConversationID(100)) == false)
  }

  @Test func aRefusedTextLeavesNoConversationBehind() async throws {
    let (alice, bob) = (try await test.signedIn("alice"), try await test.signedIn("bob"))
    for (text, code) in [
      (" \n", ErrorCode.emptyText), ("a\u{7}", .invalidText),
      (String(repeating: "x", count: 16_385), .textTooLong),
    ] {
      let request = message(to: .user(bob.user.id), text)
      #expect(await refusal(request, as: alice)?.code == code)
    }
    #expect(test.store.read(\.direct).isEmpty)
  }

  @Test func strangersAndMissingConversationsGetTheSameWords() async throws {
    let (alice, bob) = (try await test.signedIn("alice"), try await test.signedIn("bob"))
    let eve = try await test.signedIn("eve")
    let theirs = try await test.chat.address(message(to: .user(bob.user.id)), as: alice)
      .message.conversation
    let stranger = await refusal(message(to: .conversation(theirs)), as: eve)
    let missing = await refusal(message(to: .conversation(ConversationID(12345))), as: eve)
    #expect(stranger?.code == .unknownConversation)
    #expect(stranger == missing)
  }
}

extension ServerPush {
  fileprivate var isMessage: Bool {
    if case .message = self { true } else { false }
  }
}
