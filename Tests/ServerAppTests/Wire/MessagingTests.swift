import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Messages, marks and typing between people and their devices.
@Suite struct MessagingTests {
  private func texts(_ pushes: [ServerPush]) -> [String] {
    pushes.compactMap { push in
      guard case .message(let push) = push else { return nil }
      return push.message.text
    }
  }

  @Test func theFirstMessagesToSomebodyKeepTheirOrder() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      // The first has to wait for its conversation to be made, the others for the first.
      let ids = await alice.client.begin(
        all: (1...20).map { number in
          SendMessage(target: .user(bob.id), key: .fresh(), text: "\(number)")
        })
      let replies = try await alice.client.answers(to: ids)
        .sorted { ids.firstIndex(of: $0.id) ?? 0 < ids.firstIndex(of: $1.id) ?? 0 }
        .map { try $0.reply(as: SendMessage.Reply.self) }
      #expect(replies.map(\.sequence.rawValue) == Array(1...20))
      let received = try await bob.client.settledPushes()
      guard case .conversation(let conversation)? = received.first else {
        Issue.record("not told of the conversation first: \(received)")
        return
      }
      #expect(conversation.members == [alice.id, bob.id])
      #expect(texts(received) == (1...20).map(String.init))
    }
  }

  @Test func messagesToSeveralNewPeopleAreStoredInOrder() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      var others: [Someone] = []
      for number in 1...3 { others.append(try await server.someone("user\(number)")) }
      let targets = (0..<12).map { others[$0 % 3] }
      await alice.client.begin(
        all: targets.enumerated().map { index, other in
          SendMessage(target: .user(other.id), key: .fresh(), text: "\(index)")
        })
      for (index, other) in others.enumerated() {
        for number in stride(from: index, to: 12, by: 3) {
          let text = try await other.client.push { push -> String? in
            guard case .message(let push) = push else { return nil }
            return push.message.text
          }
          #expect(text == "\(number)")
        }
      }
    }
  }

  @Test func aRefusedMessageDoesNotHoldTheOthersUp() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      let ids = await alice.client.begin(all: [
        SendMessage(target: .user(UserID(4711)), key: .fresh(), text: "to nobody"),
        SendMessage(target: .user(bob.id), key: .fresh(), text: " "),
        SendMessage(target: .user(bob.id), key: .fresh(), text: "good"),
        SendMessage(target: .conversation(ConversationID(4711)), key: .fresh(), text: "lost"),
      ])
      let answers = try await alice.client.answers(to: ids)
      let codes = ids.map { id in answers.first { $0.id == id }?.refusal?.code }
      #expect(codes == [.unknownUser, .emptyText, nil, .unknownConversation])
      #expect(texts(try await bob.client.settledPushes()) == ["good"])
    }
  }

  @Test func bothDevicesOfTheSenderKnowTheMessage() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let other = try await server.device(of: "alice")
      let reply = try await alice.send("你好 👩‍👩‍👧", to: .conversation(id))
      let expected = ServerPush.message(
        MessagePush(
          message: Message(
            conversation: id, sequence: reply.sequence, sender: alice.id, sentAt: reply.sentAt,
            key: try await alice.history(id)[1].key, text: "你好 👩‍👩‍👧")))
      #expect(try await other.client.settledPushes() == [expected])
      #expect(try await bob.client.settledPushes() == [expected])
      #expect(try await alice.client.settledPushes().isEmpty)
    }
  }

  @Test func aMessageSentAgainKeepsItsPlaceAndIsToldAgain() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let key = IdempotencyKey.fresh()
      let first = try await alice.send("once", to: .conversation(id), key: key)
      let again = try await alice.send("twice", to: .conversation(id), key: key)
      #expect(again == first)
      #expect(texts(try await bob.client.settledPushes()) == ["once", "once"])
      #expect(try await alice.history(id).map(\.text) == ["first", "once"])
    }
  }

  @Test func aKeyOfAnotherConversationReachesNobodyThere() async throws {
    try await TestServer.with { server in
      let (alice, _, id) = try await server.conversation()
      let carol = try await server.someone("carol")
      let key = IdempotencyKey.fresh()
      let first = try await alice.send("secret", to: .conversation(id), key: key)
      let again = try await alice.send("hi", to: .user(carol.id), key: key)
      #expect(again == first)
      #expect(texts(try await carol.client.settledPushes()).isEmpty)
    }
  }

  @Test func peopleWhoWriteToEachOtherAtOnceShareAConversation() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      async let toBob = alice.send("to bob", to: .user(bob.id))
      async let toAlice = bob.send("to alice", to: .user(alice.id))
      let replies = try await [toBob, toAlice]
      #expect(replies[0].conversation == replies[1].conversation)
      #expect(Set(replies.map(\.sequence.rawValue)) == [1, 2])
      for someone in [alice, bob] {
        let pushes = try await someone.client.settledPushes()
        let message = pushes.firstIndex { if case .message = $0 { true } else { false } }
        let conversation = pushes.firstIndex {
          if case .conversation = $0 { true } else { false }
        }
        #expect(try #require(conversation) < #require(message))
      }
    }
  }

  @Test func strangersReadAndWriteNothing() async throws {
    try await TestServer.with { server in
      let id = try await server.conversation().id
      let eve = try await server.someone("eve")
      let requests: [any RequestMessage] = [
        SendMessage(target: .conversation(id), key: .fresh(), text: "hi"),
        FetchHistory(target: .conversation(id), anchor: .latest, limit: 1),
        MarkRead(conversation: id, sequence: MessageSequence(1)),
        NotifyTyping(conversation: id),
      ]
      for request in requests {
        let error = try await refusal { _ = try await eve.client.call(request) }
        #expect(error.code == .unknownConversation)
      }
    }
  }

  @Test func aReadMarkReachesEveryOtherDevice() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let other = try await server.device(of: "bob")
      _ = try await bob.client.call(MarkRead(conversation: id, sequence: MessageSequence(99)))
      let push = ServerPush.read(
        ReadPush(conversation: id, user: bob.id, sequence: MessageSequence(1)))
      #expect(try await alice.client.settledPushes() == [push])
      #expect(try await other.client.settledPushes() == [push])
      #expect(try await bob.client.settledPushes().isEmpty)
      let page = try await alice.client.call(
        FetchHistory(target: .conversation(id), anchor: .latest, limit: 1))
      #expect(page.reads.contains(ReadMark(user: bob.id, sequence: MessageSequence(1))))
    }
  }

  @Test func typingIsToldAndNotAnswered() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      await alice.client.notify(NotifyTyping(conversation: id))
      // Neither is one that means nothing.
      await alice.client.notify(NotifyTyping(conversation: ConversationID(4711)))
      #expect(
        try await bob.client.push() == .typing(TypingPush(conversation: id, user: alice.id)))
      #expect(try await alice.client.settledPushes().isEmpty)
    }
  }

  @Test func historyFitsAFrameHoweverLongTheTexts() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      // Every byte doubles in JSON.
      let text = String(repeating: "\"", count: 16 * 1024)
      for _ in 1...40 { try await alice.send(text, to: .conversation(id)) }
      let page = try await bob.client.call(
        FetchHistory(target: .conversation(id), anchor: .latest, limit: 200))
      #expect(page.more)
      #expect(page.messages.last?.sequence == MessageSequence(41))
      #expect(try await bob.history(id).count == 41)
    }
  }

  @Test func aClientThatAsksForMuchAtOnceGetsItAll() async throws {
    try await TestServer.with { server in
      let (alice, _, id) = try await server.conversation()
      let text = String(repeating: "长", count: 5000)
      let sent = await alice.client.begin(
        all: (1...40).map { _ in
          SendMessage(target: .conversation(id), key: .fresh(), text: text)
        })
      _ = try await alice.client.answers(to: sent)
      // 40 pages of a quarter of a megabyte: ten times what may wait for a slow reader.
      let asked = await alice.client.begin(
        all: (1...40).map { _ in
          FetchHistory(target: .conversation(id), anchor: .latest, limit: 200)
        })
      let answers = try await alice.client.answers(to: asked)
      #expect(answers.map(\.id) == asked)
      #expect(answers.allSatisfy { $0.refusal == nil })
    }
  }
}
