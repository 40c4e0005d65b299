import Dispatch
import MartletClient
import MartletProtocol
import Synchronization
import TUICore

/// The application's side of a ``Client``: performs effects on it and posts what comes of them.
final class ChatSession: Sendable {
  /// How long a logout waits for the server, which is told as a courtesy to it.
  private static let logoutPatience = Duration.seconds(3)
  /// How long leaving waits for the connection to be closed.
  private static let leavePatience = DispatchTimeInterval.milliseconds(300)

  private enum Command: Sendable {
    case start(Credentials)
    case reconnect
    case trust(KeyFingerprint)
    case greet
    case logout
    case leave(DispatchSemaphore)
  }

  let client: Client
  let queue: ActionQueue
  private let translator: SharedTranslator
  private let tokens: TokenKeeper
  private let doubts: ServerDoubts
  private let time: ClientTime
  /// What is done to the client, one after the other.
  private let commands: AsyncStream<Command>.Continuation

  /// - Parameter known: The server that the stored token and the local history came from, if known.
  init(
    configuration: ClientConfiguration, queue: ActionQueue, tokens: TokenKeeper,
    knownHosts: KnownHosts, known: ServerIdentity?
  ) {
    let doubts = ServerDoubts(
      server: configuration.address, knownHosts: knownHosts,
      known: configuration.connection.tls.pin, logger: configuration.logger)
    let translator = SharedTranslator(known: known)
    let (stream, commands) = AsyncStream<Command>.makeStream()
    time = configuration.time
    client = Client(configuration: configuration) { [time] event in
      var isTaken = true
      for output in translator.translate(event, now: time.wall()) {
        switch output {
        case .action(let action): queue.post(action)
        case .push(let action): isTaken = queue.offer(action, bytes: event.weight)
        case .keepToken(let reply): tokens.keep(reply)
        case .forgetToken: tokens.forget()
        case .greet: commands.yield(.greet)
        case .doubt(let server):
          queue.post(.connectionChanged(.untrusted(doubts.doubt(about: server))))
        }
      }
      return isTaken
    }
    self.queue = queue
    self.translator = translator
    self.tokens = tokens
    self.doubts = doubts
    self.commands = commands
    Task { [self] in
      for await command in stream { await perform(command) }
    }
  }

  /// The server's database: the one that has said hello, else the one known from before.
  var serverIdentity: ServerIdentity? { translator.identity }

  /// Uploads and downloads with the token of the session that there is.
  var transfers: AttachmentTransfers { client.transfers }

  // MARK: Signing in and out

  /// Signs in by hand or with the stored token.
  func start(_ credentials: Credentials) {
    guard translator.begin(credentials) else { return }
    commands.yield(.start(credentials))
  }

  /// Finds out whether the server is there, for as long as there is nobody to sign in.
  func greet() { commands.yield(.greet) }

  func reconnect() { commands.yield(.reconnect) }

  /// Takes the user's word for a server.
  func trust(_ fingerprint: String) {
    guard let key = KeyFingerprint(fingerprint) else { return }
    commands.yield(.trust(key))
  }

  /// Logs out. The token is forgotten at once, whatever becomes of the rest.
  func logout() {
    translator.leave()
    tokens.forget()
    commands.yield(.logout)
  }

  /// Closes the connection and waits a moment for it, so that others see the user go at once.
  func leave() {
    let isDone = DispatchSemaphore(value: 0)
    commands.yield(.leave(isDone))
    _ = isDone.wait(timeout: .now() + Self.leavePatience)
  }

  private func perform(_ command: Command) async {
    switch command {
    case .start(let credentials): await client.start(credentials)
    // The user may have taken the server's line out of the file meanwhile.
    case .reconnect: await client.pin(doubts.key)
    case .trust(let key):
      let (kept, isKept) = doubts.trust(key)
      if !isKept { queue.post(.keyNotKept) }
      await client.pin(kept)
    case .greet:
      // Unless somebody has begun to sign in meanwhile.
      if translator.isIdle { await client.greet() }
    case .leave(let isDone):
      await client.stop()
      isDone.signal()
    case .logout:
      await withTaskGroup { group in
        group.addTask { [client] in
          // Not told, the server keeps a session that nobody has the token of.
          try? await client.signOut()
        }
        // Thrown only when cancelled, which is how the wait is cut short.
        group.addTask { [time] in try? await time.sleep(Self.logoutPatience) }
        await group.next()
        group.cancelAll()
      }
      await client.stop()
      translator.beginGreeting()
      queue.post(.sessionEnded(.loggedOut))
      await client.greet()
    }
  }

  // MARK: Requests

  func loadContacts(after: String?, limit: Int) {
    client.perform(ListContacts(after: after, limit: limit)) { [queue] result in
      switch result {
      case .success(let reply): queue.post(.contactsLoaded(reply))
      case .failure(let error): queue.post(.contactsFailed(RequestFailure(error)))
      }
    }
  }

  func loadHistory(_ target: Target, _ anchor: HistoryAnchor, limit: Int) {
    let request = FetchHistory(target: target, anchor: anchor, limit: limit)
    client.perform(request) { [queue] result in
      switch result {
      case .success(let reply): queue.post(.historyLoaded(target, anchor, reply))
      case .failure(let error): queue.post(.historyFailed(target, anchor, RequestFailure(error)))
      }
    }
  }

  func send(_ message: OutgoingMessage) {
    let request = SendMessage(
      target: message.target, key: message.key, text: message.text,
      attachment: message.attachment?.id)
    client.perform(request) { [queue] result in
      switch result {
      case .success(let reply): queue.post(.messageStored(message.key, reply))
      case .failure(let error): queue.post(.messageFailed(message.key, RequestFailure(error)))
      }
    }
  }

  func markRead(_ conversation: ConversationID, upTo sequence: MessageSequence) {
    // Nobody waits for the answer: the next mark says it again.
    client.perform(MarkRead(conversation: conversation, sequence: sequence)) { _ in }
  }

  func notifyTyping(in conversation: ConversationID) {
    client.notifyTyping(in: conversation)
  }
}

/// The one translator, used by the loop and by the client's threads.
private final class SharedTranslator: Sendable {
  private struct State {
    var translator: SessionTranslator
    /// What a registration under way signs in with by itself. Gone with it: no password is kept.
    var registration: Credentials?
  }

  private let state: Mutex<State>

  init(known: ServerIdentity?) {
    state = Mutex(State(translator: SessionTranslator(known: known)))
  }

  var identity: ServerIdentity? { state.withLock { $0.translator.identity } }

  /// `false` when that very sign-in is under way already: a registration goes on to sign in by itself
  /// and on the same connection, and the application asks for it as well.
  func begin(_ credentials: Credentials) -> Bool {
    state.withLock { state in
      let isUnderWay = credentials == state.registration && state.translator.isSigningIn
      state.registration = nil
      guard !isUnderWay else { return false }
      if case .registration(let name, let password, _) = credentials {
        state.registration = .password(name: name, password: password)
      }
      state.translator.began(credentials)
      return true
    }
  }

  var isIdle: Bool { state.withLock { $0.translator.isIdle } }

  func beginGreeting() { state.withLock { $0.translator.beganGreeting() } }

  func leave() { state.withLock { $0.translator.leave() } }

  func translate(_ event: ClientEvent, now: Timestamp) -> [SessionTranslator.Output] {
    state.withLock { state in
      let outputs = state.translator.translate(event, now: now)
      if state.translator.isIdle { state.registration = nil }
      return outputs
    }
  }
}
