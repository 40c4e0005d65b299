import MartletProtocol
import NIOCore
import ServerCore

/// Runs what the state machine let pass. Answers are queued as soon as they are known, from whatever
/// thread, so that they keep their place among the pushes; the machine hears of them on the loop.
extension ConnectionHandler {
  func greet(_ id: RequestID?, _ hello: Hello) {
    perform { chat, mailbox in
      let result = await attempt { () async throws(RPCError) in try await chat.greet(hello) }
      mailbox.answer(id, result)
      return result.isSuccess
    } then: { handler, isSuccess in
      handler.machine.greeted(successfully: isSuccess)
    }
  }

  func signIn(_ id: RequestID?, _ request: SignInRequest) {
    switch request {
    case .registerAccount(let request):
      perform { chat, mailbox in
        mailbox.answer(
          id,
          await attempt { () async throws(RPCError) in try await chat.register(request) })
      } then: { handler, _ in
        handler.machine.answered(signedIn: nil)
      }
    case .login(let request):
      perform { chat, mailbox in
        await attempt { () async throws(RPCError) in try await chat.login(request) }
      } then: { handler, result in
        // Answered on the loop: pushes come after the reply that makes sense of them.
        handler.answer(id, result)
        switch result {
        case .failure: handler.machine.answered(signedIn: nil)
        case .success(let reply):
          handler.connected(as: SignedIn(user: reply.user, session: reply.session))
        }
      }
    case .resume(let request):
      perform { chat, mailbox in
        await attempt { () async throws(RPCError) in
          try await chat.signIn(withToken: request.token)
        }
      } then: { handler, result in
        switch result {
        case .failure(let error):
          handler.answer(id, Result<Resume.Reply, RPCError>.failure(error))
          handler.machine.answered(signedIn: nil)
        case .success(let signedIn):
          handler.connected(as: signedIn)
          handler.tellMissed(id, request)
        }
      }
    }
  }

  /// From here on the connection gets its pushes, so nothing is missed between what the database
  /// tells now and the first push.
  private func connected(as signedIn: SignedIn) {
    machine.answered(signedIn: signedIn)
    // Unless the connection has been closed meanwhile.
    guard machine.signedIn == signedIn else { return }
    chat.connected(mailbox, as: signedIn)
  }

  private func tellMissed(_ id: RequestID?, _ request: Resume) {
    perform { chat, mailbox in
      let result = await attempt { () async throws(RPCError) in try await chat.missed(request) }
      mailbox.answer(id, result)
      // Signed in but not told what it missed, a client would be in no state of the protocol.
      if case .failure(let error) = result {
        mailbox.close(error.code == .invalidToken ? .signedOut : .goingAway)
      }
    } then: { _, _ in
    }
  }

  func run(_ id: RequestID?, _ request: SignedInRequest, _ signedIn: SignedIn) {
    switch request {
    case .sendMessage(let request):
      send(SendLane.Entry(id: id, request: request, signedIn: signedIn))
    case .logout:
      answering(id) { chat, mailbox throws(RPCError) in
        try await chat.logout(signedIn)
      } then: { chat in
        chat.hub.end(
          signedIn.session, of: signedIn.user.id, reason: "You have signed out.")
      }
    case .listContacts(let request):
      perform { chat, mailbox in
        let result = await attempt { () async throws(RPCError) in
          try await chat.listContacts(request, as: signedIn)
        }
        switch result {
        case .failure: mailbox.answer(id, result)
        case .success(let page):
          chat.withPresence(page) { mailbox.answer(id, Result<_, RPCError>.success($0)) }
        }
      } then: { handler, _ in
        handler.machine.answered()
      }
    case .fetchHistory(let request):
      answering(id) { chat, mailbox throws(RPCError) in
        try await chat.history(request, as: signedIn)
      }
    case .markRead(let request):
      answering(id) { chat, mailbox throws(RPCError) in
        try await chat.markRead(request, as: signedIn, from: mailbox)
      }
    case .notifyTyping(let request):
      answering(id) { chat, mailbox throws(RPCError) in
        try await chat.notifyTyping(request, as: signedIn, from: mailbox)
      }
    }
  }

  /// Runs a use case and answers with its outcome; `then` runs after a success was answered.
  private func answering<Reply: Encodable & Sendable>(
    _ id: RequestID?,
    _ work: @escaping @Sendable (Chat, ChannelMailbox) async throws(RPCError) -> Reply,
    then: @escaping @Sendable (Chat) -> Void = { _ in }
  ) {
    perform { chat, mailbox in
      let result = await attempt { () async throws(RPCError) in try await work(chat, mailbox) }
      mailbox.answer(id, result)
      if result.isSuccess { then(chat) }
    } then: { handler, _ in
      handler.machine.answered()
    }
  }

  /// Does something off the event loop, then something on it.
  func perform<Outcome: Sendable>(
    _ work: @escaping @Sendable (Chat, ChannelMailbox) async -> Outcome,
    then: @escaping @Sendable (ConnectionHandler, Outcome) -> Void
  ) {
    let (chat, mailbox) = (chat, mailbox)
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    Task {
      let outcome = await work(chat, mailbox)
      handler.eventLoop.execute {
        then(handler.value, outcome)
        handler.value.updateSignInDeadline()
      }
    }
  }
}

/// Turns what throws into a value.
func attempt<Value, Failure: Error>(
  _ body: () async throws(Failure) -> Value
) async -> Result<Value, Failure> {
  do {
    return .success(try await body())
  } catch {
    return .failure(error)
  }
}

extension Result {
  fileprivate var isSuccess: Bool {
    switch self {
    case .success: true
    case .failure: false
    }
  }
}
