import FoundationEssentials
import MartletProtocol
import NIOCore
import ServerCore

/// Runs what the state machine let pass. The machine hears of an answer before the answer leaves,
/// both on the event loop: whoever has an answer may count on what follows from it, be it that
/// somebody is signed in or that one request more may be asked.
extension ConnectionHandler {
  func greet(_ id: RequestID?, _ hello: Hello) {
    perform { chat in
      await attempt { () async throws(RPCError) in try await chat.greet(hello) }
    } then: { handler, result in
      handler.machine.greeted(successfully: result.isSuccess)
      handler.mailbox.answer(id, result)
    }
  }

  func signIn(_ id: RequestID?, _ request: SignInRequest) {
    let origin = origin  // Not the handler, which is the event loop's.
    switch request {
    case .registerAccount(let request):
      perform { chat in
        await attempt { () async throws(RPCError) in
          try await chat.register(request, from: origin)
        }
      } then: { handler, result in
        handler.machine.answered(signedIn: nil)
        handler.mailbox.answer(id, result)
      }
    case .login(let request):
      perform { chat in
        await attempt { () async throws(RPCError) in
          try await chat.login(request, from: origin)
        }
      } then: { handler, result in
        // Before the pushes that it makes sense of.
        handler.mailbox.answer(id, result)
        switch result {
        case .failure: handler.machine.answered(signedIn: nil)
        case .success(let reply):
          handler.connected(as: SignedIn(user: reply.user, session: reply.session))
          handler.confirm(reply.token)
        }
      }
    case .resume(let request):
      perform { chat in
        await attempt { () async throws(RPCError) in
          try await chat.signIn(withToken: request.token)
        }
      } then: { handler, result in
        switch result {
        case .failure(let error):
          handler.machine.answered(signedIn: nil)
          handler.mailbox.answer(id, Result<Resume.Reply, RPCError>.failure(error))
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

  /// A session that was ended before the connection could be found among those to be closed is
  /// looked up again, as ``Chat/missed(_:)`` does.
  private func confirm(_ token: String) {
    perform { chat in
      await attempt { () async throws(RPCError) in try await chat.signIn(withToken: token) }
    } then: { handler, result in
      if case .failure(let error) = result, error.code == .invalidToken {
        handler.close(.signedOut)
      }
    }
  }

  private func tellMissed(_ id: RequestID?, _ request: Resume) {
    perform { chat in
      await attempt { () async throws(RPCError) in try await chat.missed(request) }
    } then: { handler, result in
      handler.mailbox.answer(id, result)
      // Signed in but not told what it missed, a client would be in no state of the protocol.
      if case .failure(let error) = result {
        handler.close(error.code == .invalidToken ? .signedOut : .goingAway)
      }
    }
  }

  func run(_ id: RequestID?, _ request: SignedInRequest, _ signedIn: SignedIn) {
    let mailbox = mailbox
    switch request {
    case .sendMessage(let request):
      send(SendLane.Entry(id: id, request: request, signedIn: signedIn))
    case .logout:
      answer(id) { chat throws(RPCError) in
        try await chat.logout(signedIn)
      } then: { chat in
        chat.hub.end(signedIn.session, of: signedIn.user.id, reason: "You have signed out.")
      }
    case .listContacts(let request):
      read { [self] in listContacts(id, request, signedIn) }
    case .fetchHistory(let request):
      read { [self] in
        answerPage(id) { chat throws(RPCError) in
          try await chat.history(request, as: signedIn)
        }
      }
    case .markRead(let request):
      answer(id) { chat throws(RPCError) in
        try await chat.markRead(request, as: signedIn, from: mailbox)
      }
    case .notifyTyping(let request):
      answer(id) { chat throws(RPCError) in
        try await chat.notifyTyping(request, as: signedIn, from: mailbox)
      }
    case .clearHistory(let request):
      answer(id) { chat throws(RPCError) in
        try await chat.clearHistory(request, as: signedIn, from: mailbox)
      }
    case .listSessions:
      answer(id) { chat throws(RPCError) in try await chat.listSessions(as: signedIn) }
    case .revokeSession(let request):
      answer(id) { chat throws(RPCError) in try await chat.revoke(request, as: signedIn) }
    case .changePassword(let request):
      answer(id) { chat throws(RPCError) in
        try await chat.changePassword(request, as: signedIn)
      }
    case .watchPresence(let request):
      // One after the other: the last one asked for counts.
      read { [self] in watchPresence(id, request, signedIn) }
    case .searchMessages(let request):
      search(id, request, signedIn)
    case .searchEverywhere(let request):
      search(id, request, signedIn)
    }
  }

  private func listContacts(_ id: RequestID?, _ request: ListContacts, _ signedIn: SignedIn) {
    perform { chat in
      await attempt { () async throws(RPCError) in
        try await chat.listContacts(request, as: signedIn)
      }
    } then: { handler, result in
      handler.machine.answered()
      let mailbox = handler.mailbox
      switch result {
      case .failure: mailbox.answer(id, result)
      case .success(let page):
        handler.chat.withPresence(page) { mailbox.answer(id, Result<_, RPCError>.success($0)) }
      }
      handler.readDone()
    }
  }

  private func watchPresence(_ id: RequestID?, _ request: WatchPresence, _ signedIn: SignedIn) {
    perform { chat in
      await attempt { () async throws(RPCError) in try await chat.presences(request) }
    } then: { handler, result in
      handler.machine.answered()
      let mailbox = handler.mailbox
      switch result {
      case .failure: mailbox.answer(id, result)
      case .success(let reply):
        handler.chat.watch(request, reply, as: signedIn, from: mailbox) {
          mailbox.answer(id, Result<_, RPCError>.success($0))
        }
      }
      handler.readDone()
    }
  }

  /// Runs a use case of the read lane whose answer is large, and so is encoded off the loop.
  func answerPage<Reply: Encodable & Sendable>(
    _ id: RequestID?, with work: @escaping @Sendable (Chat) async throws(RPCError) -> Reply
  ) {
    perform { chat in
      let result = await attempt { () async throws(RPCError) in try await work(chat) }
      return id.map { result.frame(answering: $0) }
    } then: { handler, frame in
      handler.machine.answered()
      if let frame { handler.mailbox.send(frame) }
      handler.readDone()
    }
  }

  /// Runs a use case and answers with its outcome; `then` runs after a success was answered.
  private func answer<Reply: Encodable & Sendable>(
    _ id: RequestID?, with work: @escaping @Sendable (Chat) async throws(RPCError) -> Reply,
    then: @escaping @Sendable (Chat) -> Void = { _ in }
  ) {
    perform { chat in
      await attempt { () async throws(RPCError) in try await work(chat) }
    } then: { handler, result in
      handler.machine.answered()
      handler.mailbox.answer(id, result)
      if result.isSuccess { then(handler.chat) }
    }
  }

  /// Does something off the event loop, then something on it.
  func perform<Outcome: Sendable>(
    _ work: @escaping @Sendable (Chat) async -> Outcome,
    then: @escaping @Sendable (ConnectionHandler, Outcome) -> Void
  ) {
    let chat = chat
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    connections.run {
      let outcome = await work(chat)
      handler.eventLoop.execute {
        then(handler.value, outcome)
        handler.value.proceed()
      }
    }
  }
}

extension ChannelMailbox {
  /// Queues the answer to a request, unless it was a notification.
  func answer<Reply: Encodable>(_ id: RequestID?, _ result: Result<Reply, RPCError>) {
    if let id { send(result.frame(answering: id)) }
  }
}

extension Result where Success: Encodable, Failure == RPCError {
  /// The frame that answers a request.
  func frame(answering id: RequestID) -> Data {
    switch self {
    case .success(let reply): WireCodec.encodeReply(reply, to: id)
    case .failure(let error): WireCodec.encodeFailure(error, to: id)
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
