import Logging
public import MartletProtocol
import Synchronization

/// A session that is kept: connects, signs in, and comes back by itself whenever the connection is
/// lost, until it is stopped or the session is over.
///
/// Events are handed over one at a time, in order, and in wire order with the completions of
/// ``perform(_:then:)``. It connects only between ``start(_:)`` and a stop, as a server closes
/// connections on which nobody signs in.
public actor Client {
  /// Takes one event; it must not block. `false` for a push means that there is no room for it: the
  /// connection is dropped and resumed. For other events the answer does not count.
  public typealias EventHandler = @Sendable (ClientEvent) -> Bool

  /// How many conversations a resume names; more would not fit a frame.
  public static let maximumCursors = 1000

  /// How long a session must last for the next loss to count as the first.
  private static let stableSession = Duration.seconds(10)
  /// By how much the clocks must part for the machine to have slept.
  private static let sleepThreshold = Duration.seconds(5)
  /// Longer than any client lives.
  private static let endless = Duration.seconds(100 * 365 * 86_400)

  nonisolated let configuration: ClientConfiguration
  private let onEvent: EventHandler
  /// The connection on which somebody is signed in.
  private nonisolated let session: Session
  /// What proves to the server, over HTTP, who transfers a file.
  nonisolated let token = SessionToken()
  /// The server that is shown it.
  nonisolated let trusted: TrustedServer
  private var running: Task<Void, Never>?
  private var pause: Task<Void, Never>?
  private var mustSkipPause = false

  /// Makes a client that does nothing until ``start(_:)``.
  public init(configuration: ClientConfiguration, onEvent: @escaping EventHandler) {
    self.configuration = configuration
    self.onEvent = onEvent
    session = Session()
    trusted = TrustedServer(configuration.connection.tls)
  }

  /// Makes a client whose events are read with `for await`. When more than `capacity` events wait,
  /// the connection is dropped and resumed once they are read.
  public static func withEvents(configuration: ClientConfiguration, capacity: Int = 4096)
    -> (client: Client, events: ClientEvents)
  {
    let events = ClientEvents(capacity: capacity)
    return (Client(configuration: configuration, onEvent: { events.offer($0) }), events)
  }

  /// Connects, signs in and stays. A session that was kept before is left first, not signed out.
  public func start(_ credentials: Credentials) { begin(credentials) }

  /// Says hello and stops with ``StopReason/greeted``, trying for as long as the server is away. For
  /// an application that has nobody to sign in yet but wants to know whether the server is there and
  /// what it accepts.
  public func greet() { begin(nil) }

  private func begin(_ credentials: Credentials?) {
    let previous = running
    previous?.cancel()
    running = Task {
      await previous?.value
      await run(credentials)
    }
  }

  /// Leaves without signing out; waits until the connection is closed.
  public func stop() async {
    running?.cancel()
    await running?.value
    running = nil
  }

  /// Ends the session, so that its token is void, and stops.
  ///
  /// - Throws: ``ClientError`` when the server did not confirm it; the client goes on then.
  public func signOut() async throws(ClientError) {
    do {
      _ = try await request(Logout())
    } catch .disconnected(let reason) where reason.closeCode == .signedOut {
      // The server ends the connection of a session that is over: that is the confirmation.
    }
    await stop()
  }

  /// Tries again at once instead of waiting; drops and renews the connection when there is one.
  public func reconnectNow() {
    mustSkipPause = true
    pause?.cancel()
    session.connection?.close()
  }

  /// Wants the server to have a key from now on, as ``TLSPolicy/pin`` does, and tries again at once.
  /// This, or ``reconnectNow()``, is what it waits for after ``ClientEvent/untrusted(_:)``.
  public func pin(_ key: KeyFingerprint?) {
    trusted.pin(key)
    reconnectNow()
  }

  // MARK: The life of a session

  private enum Ending {
    case stop(StopReason)
    /// Not without somebody's word.
    case hold(UntrustedServer)
    case again(because: ClientError, floor: Duration, wasStable: Bool)
  }

  private func run(_ credentials: Credentials?) async {
    var credentials = credentials
    var server = KnownServer()
    var failures = 0
    mustSkipPause = false
    token.state = credentials == nil ? .none : .away
    while !Task.isCancelled {
      emit(.connecting(attempt: failures + 1))
      switch await keepSession(&credentials, with: &server) {
      case .stop(let reason):
        token.state = .none
        return emit(.stopped(reason))
      case .hold(let server):
        guard !Task.isCancelled else { break }
        failures = 0
        if !mustSkipPause {
          emit(.untrusted(server))
          await sleep(Self.endless)
        }
        mustSkipPause = false
      case .again(let error, let floor, let wasStable):
        guard !Task.isCancelled else { break }
        failures = wasStable ? 1 : failures + 1
        if mustSkipPause {
          mustSkipPause = false
          continue
        }
        let wait = configuration.backoff.delay(
          afterFailures: failures, floor: floor, fraction: configuration.time.fraction())
        emit(.waiting(wait, because: error))
        await sleep(wait)
        mustSkipPause = false
      }
    }
    token.state = .none
    emit(.stopped(.stoppedHere))
  }

  /// The server that a session is with, once it has begun. Another one may answer at the same address
  /// while that one is away; it is not shown the token, and its opinion of the token would not count.
  private struct KnownServer {
    var id: String?
    /// Which life of its database was met last.
    var epoch: Int64?
  }

  /// One connection from its beginning to its end.
  private func keepSession(_ credentials: inout Credentials?, with server: inout KnownServer) async
    -> Ending
  {
    let notes = Notes()
    let connection: Connection
    var options = configuration.connection
    options.tls = trusted.policy
    do {
      connection = try await Connection.connect(
        to: configuration.address, options: options, group: configuration.group
      ) { [onEvent] push in
        notes.note(push)
        return onEvent(.push(push))
      }
    } catch .untrusted(let server) {
      configuration.logger.warning("not trusted", metadata: ["reason": "\(server)"])
      return .hold(server)
    } catch {
      return .again(because: error, floor: .zero, wasStable: false)
    }
    return await withTaskCancellationHandler {
      let greeting: Hello.Reply
      do throws(ClientError) {
        greeting = try await connection.hello(Hello(client: configuration.name))
        guard server.id == nil || server.id == greeting.serverID else {
          throw ClientError.unreachable("Another server answers at \(configuration.address).")
        }
        // A server that answers in a version that nobody offered would be misunderstood.
        guard VersionRange.spoken.contains(greeting.protocol) else {
          throw ClientError.refused(
            RPCError(.unsupportedVersion, "The server speaks another version; update Martlet."))
        }
        emit(.connected(greeting))
        guard var current = credentials else {
          connection.close()
          return .stop(.greeted)
        }
        // Also after a failure: what has been registered is not registered again.
        defer { credentials = current }
        // What was held in another life of the database is no place in this one.
        let isRestored = server.epoch.map { $0 != greeting.epoch } ?? false
        try await signIn(on: connection, &current, holdsNothing: isRestored)
        server = KnownServer(id: greeting.serverID, epoch: greeting.epoch)
      } catch {
        if case .disconnected = error {} else { connection.close() }
        let reason = await connection.closed
        leave()
        return ending(for: error, closed: reason, notes: notes, wasStable: false)
      }
      let begin = configuration.time.uptime()
      let pingInterval = Duration.milliseconds(
        min(max(1000, greeting.limits.pingMilliseconds), 3_600_000))
      let watch = watchForSleep(connection, every: pingInterval)
      let reason = await connection.closed
      watch.cancel()
      leave()
      return ending(
        for: .disconnected(reason), closed: reason, notes: notes,
        wasStable: configuration.time.uptime() - begin >= Self.stableSession)
    } onCancel: {
      connection.close()
    }
  }

  /// Signs in, and leaves in `credentials` what to come back with.
  private func signIn(
    on connection: Connection, _ credentials: inout Credentials, holdsNothing: Bool
  ) async throws(ClientError) {
    if case .registration(let name, let password, let invite) = credentials {
      let reply = try await connection.request(
        RegisterAccount(name: name, password: password, invite: invite))
      // From here on, coming back must not register again.
      credentials = .password(name: name, password: password)
      emit(.registered(reply.user))
    }
    switch credentials {
    case .registration(let name, let password, _), .password(let name, let password):
      let login = Login(name: name, password: password, device: configuration.device)
      let reply = try await connection.request(login) { [session, token, onEvent] reply in
        // Before the event, so that whoever receives it can make requests at once.
        session.connection = connection
        token.state = .present(reply.token)
        _ = onEvent(.signedIn(reply))
      }
      credentials = .token(reply.token)
    case .token(let known):
      let cursors =
        holdsNothing ? [] : await configuration.cursors().prefix(Self.maximumCursors)
      _ = try await connection.request(Resume(token: known, cursors: Array(cursors))) {
        [session, token, onEvent] reply in
        session.connection = connection
        token.state = .present(known)
        _ = onEvent(.resumed(reply))
      }
    }
  }

  private func ending(
    for error: ClientError, closed reason: CloseReason, notes: Notes, wasStable: Bool
  ) -> Ending {
    configuration.logger.info(
      "connection over", metadata: ["error": "\(error)", "close": "\(reason.cause)"])
    if case .refused(let refusal) = error, refusal.code == .invalidToken {
      return .stop(.signedOut(refusal.message))
    }
    if let words = notes.sessionEnded { return .stop(.signedOut(words)) }
    if reason.closeCode == .signedOut {
      return .stop(.signedOut(reason.description))
    }
    if case .refused(let refusal) = error {
      switch refusal.code {
      // An open set: whatever names a time to come back, or is known to pass, is tried again.
      case .unavailable, .overloaded, .internalError: break
      // Somebody who mistyped the password types it again.
      case .tooManyAttempts: return .stop(.refused(refusal))
      case _ where refusal.retryAfter == nil: return .stop(.refused(refusal))
      case _: break
      }
      return .again(
        because: error, floor: Notes.wait(refusal.retryAfter ?? 0), wasStable: false)
    }
    return .again(because: error, floor: notes.retryAfter, wasStable: wasStable)
  }

  /// The connection is over: nothing more is asked of it, and nobody is shown the token before the
  /// next one has been looked at.
  private func leave() {
    session.connection = nil
    token.state = .away
  }

  private func sleep(_ duration: Duration) async {
    let task = Task { [time = configuration.time] () -> Void in
      // Thrown only when cancelled, which is how the wait is cut short.
      try? await time.sleep(duration)
    }
    pause = task
    if mustSkipPause { task.cancel() }
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    pause = nil
  }

  /// Doubts the connection whenever the machine has slept. It looks as often as the server pings, so
  /// that it costs no wake-up of its own, and a timer that ran out in the sleep fires at once.
  private func watchForSleep(_ connection: Connection, every interval: Duration)
    -> Task<Void, any Error>
  {
    Task { [time = configuration.time] in
      while true {
        let (wall, uptime) = (time.wall(), time.uptime())
        try await time.sleep(interval)
        let passed = Duration.milliseconds(time.wall().milliseconds(since: wall))
        if passed - (time.uptime() - uptime) > Self.sleepThreshold { connection.probe() }
      }
    }
  }

  private func emit(_ event: ClientEvent) { _ = onEvent(event) }
}

extension Client: RequestSender {
  /// Makes a request of the present session, or fails at once with ``ClientError/notConnected``.
  public nonisolated func perform<Request: RequestMessage>(
    _ request: Request,
    then completion: @escaping @Sendable (Result<Request.Reply, ClientError>) -> Void
  ) {
    guard let connection = session.connection else {
      return completion(.failure(.notConnected))
    }
    connection.perform(request, then: completion)
  }

  /// Makes a request of the present session and waits for its reply.
  ///
  /// - Throws: ``ClientError``, ``ClientError/notConnected`` at once while there is no session.
  public nonisolated func request<Request: RequestMessage>(
    _ request: Request
  ) async throws(ClientError) -> Request.Reply {
    guard let connection = session.connection else { throw .notConnected }
    return try await connection.request(request)
  }

  /// Sends a request that wants no answer. It is dropped while there is no session.
  public nonisolated func notify(_ request: some RequestMessage) {
    session.connection?.notify(request)
  }
}

extension Client {
  /// The connection that requests are made of, set on its own thread and read on any.
  private final class Session: Sendable {
    private let state = Mutex<Connection?>(nil)

    var connection: Connection? {
      get { state.withLock { $0 } }
      set { state.withLock { $0 = newValue } }
    }
  }

  /// What pushes said about coming back.
  private final class Notes: Sendable {
    private let state = Mutex<(sessionEnded: String?, retryAfter: Duration)>((nil, .zero))

    var sessionEnded: String? { state.withLock { $0.sessionEnded } }
    var retryAfter: Duration { state.withLock { $0.retryAfter } }

    /// A wait that a server asks for. None may send a client away for more than an hour.
    static func wait(_ milliseconds: Int) -> Duration {
      .milliseconds(min(max(0, milliseconds), 3_600_000))
    }

    func note(_ push: ServerPush) {
      switch push {
      case .sessionEnded(let push): state.withLock { $0.sessionEnded = push.reason }
      case .draining(let push):
        state.withLock { $0.retryAfter = Self.wait(push.retryAfter) }
      case .message, .conversation, .presence, .read, .cleared, .typing, .unknown: break
      }
    }
  }
}
