import MartletProtocol
import NIOWebSocket
import Synchronization
import TestSupport
import Testing

@testable import MartletClient

/// The supervisor against a scripted server; its clock is the test's.
@Suite(.timeLimit(.minutes(1)))
struct ClientTests {
  @Test func passwordSignsInAndTheTokenComesBackAfterALoss() async throws {
    let stage = try await Stage()
    await stage.client.start(.password(name: "alice", password: "correct horse"))
    #expect(await stage.event() == .connecting(attempt: 1))
    var peer = try await stage.server.accept()
    try await peer.greet()
    #expect(await stage.event() == .connected(Fixture.greeting()))
    var (id, request) = try await peer.request()
    #expect(
      request == .login(Login(name: "alice", password: "correct horse", device: "test-host")))
    try peer.reply(Fixture.login, to: id)
    #expect(await stage.event() == .signedIn(Fixture.login))

    peer.drop()
    #expect(await stage.waited(because: .lost) == .milliseconds(250))
    #expect(await stage.event() == .connecting(attempt: 2))
    peer = try await stage.server.accept()
    try await peer.greet()
    _ = await stage.event()
    (id, request) = try await peer.request()
    #expect(request == .resume(Resume(token: Fixture.token, cursors: [stage.cursor])))
    try peer.reply(Fixture.resume, to: id)
    peer.push(Fixture.presence(online: true))
    #expect(await stage.event() == .resumed(Fixture.resume))
    #expect(await stage.event() == .push(.presence(Fixture.presence(online: true))))
    await stage.stop()
  }

  @Test func registrationMakesTheAccountOnceAndSignsIn() async throws {
    let stage = try await Stage()
    await stage.client.start(.registration(name: "alice", password: "correct horse"))
    var peer = try await stage.server.accept()
    try await peer.greet()
    var (id, request) = try await peer.request()
    #expect(
      request == .registerAccount(RegisterAccount(name: "alice", password: "correct horse")))
    try peer.reply(RegisterAccount.Reply(user: Fixture.alice), to: id)
    // The connection is lost between the two: what was registered is not registered again.
    guard case (_, .login) = try await peer.request() else { throw Missing() }
    peer.drop()
    peer = try await stage.server.accept()
    try await peer.greet()
    (id, request) = try await peer.request()
    guard case .login = request else { throw Unexpected(request: request) }
    try peer.reply(Fixture.login, to: id)
    #expect(await stage.next { if case .signedIn = $0 { true } else { false } } != nil)
    await stage.stop()
  }

  @Test(arguments: [ErrorCode.wrongCredentials, .unsupportedVersion, ErrorCode(rawValue: 4711)])
  func refusedSignInStops(code: ErrorCode) async throws {
    let stage = try await Stage()
    await stage.client.start(.password(name: "alice", password: "wrong"))
    let peer = try await stage.server.accept()
    try await peer.greet()
    let refusal = RPCError(code, "No.")
    peer.refuse(refusal, try await peer.request().id)
    #expect(await stage.stopReason() == .refused(refusal))
  }

  @Test func invalidTokenStopsAsSignedOut() async throws {
    let stage = try await Stage()
    await stage.client.start(.token(Fixture.token))
    let peer = try await stage.server.accept()
    try await peer.greet()
    peer.refuse(RPCError(.invalidToken, "Sign in again."), try await peer.request().id)
    #expect(await stage.stopReason() == .signedOut("Sign in again."))
  }

  @Test func sessionEndedByTheServerStopsWithItsWords() async throws {
    let stage = try await Stage()
    let peer = try await stage.resume()
    peer.push(SessionEndedPush(reason: "Revoked from another device."))
    peer.close(4001)
    #expect(await stage.stopReason() == .signedOut("Revoked from another device."))
  }

  @Test func closeCodeForSignedOutStopsAlsoWithoutWords() async throws {
    let stage = try await Stage()
    let peer = try await stage.resume()
    peer.close(4001)
    #expect(await stage.stopReason() == .signedOut("This device was signed out."))
  }

  @Test func serverOfAnotherIdentityIsNotShownTheToken() async throws {
    let stage = try await Stage()
    try await stage.resume().drop()
    let stranger = try await stage.server.accept()
    try await stranger.greet(serverID: "another")
    // The next thing it hears is that the client leaves.
    #expect(try await stranger.closeCode() == 1000)
    stranger.drop()
    let peer = try await stage.server.accept()
    try await peer.greet()
    guard case .resume = try await peer.request().request else { throw Missing() }
    await stage.stop()
  }

  @Test func restoredServerIsToldOfNothingThatWasHeldBefore() async throws {
    let stage = try await Stage()
    try await stage.resume().drop()
    for (epoch, held) in [(1, [stage.cursor]), (2, []), (2, [stage.cursor])] {
      let peer = try await stage.server.accept()
      try await peer.greet(epoch: Int64(epoch))
      let (id, request) = try await peer.request()
      guard case .resume(let resume) = request else { throw Missing() }
      #expect(resume.cursors == held)
      try peer.reply(Fixture.resume, to: id)
      _ = await stage.next { if case .resumed = $0 { true } else { false } }
      peer.drop()
    }
    await stage.stop()
  }

  @Test func serverOfAVersionThatWasNotOfferedIsRefused() async throws {
    let stage = try await Stage()
    await stage.client.start(.token(Fixture.token))
    let peer = try await stage.server.accept()
    try await peer.greet(version: 2)
    guard case .refused(let error)? = await stage.stopReason() else { throw Missing() }
    #expect(error.code == .unsupportedVersion)
  }

  @Test func serverThatIsDrainedIsLeftAloneForAsLongAsItAsks() async throws {
    let stage = try await Stage()
    let peer = try await stage.resume()
    peer.push(DrainingPush(retryAfter: 3000))
    peer.close(1012)
    // The jitter of the first failure is half of half a second.
    #expect(await stage.waited(because: .closed(1012)) == .milliseconds(3250))
    _ = try await stage.server.accept()
    await stage.stop()
  }

  @Test func overloadedServerIsTriedAgainWhenItSays() async throws {
    let stage = try await Stage()
    await stage.client.start(.token(Fixture.token))
    let peer = try await stage.server.accept()
    try await peer.greet()
    let refusal = RPCError(.overloaded, "Too many at once.", retryAfter: 2000)
    peer.refuse(refusal, try await peer.request().id)
    #expect(await stage.waited(because: .refused(refusal)) == .milliseconds(2250))
    _ = try await stage.server.accept()
    await stage.stop()
  }

  @Test func waitsGrowWhileTheServerIsAwayAndReconnectNowCutsThemShort() async throws {
    let port = try ClosedPort()
    let stage = try await Stage(isSleepPassing: false, address: port.address)
    await stage.client.start(.token(Fixture.token))
    for expected in [250, 500, 1000] {
      #expect(await stage.waited(because: .unreachable) == .milliseconds(expected))
      await stage.client.reconnectNow()
    }
    await stage.stop()
  }

  @Test func sleepOfTheMachineMakesTheClientProbeItsConnection() async throws {
    let stage = try await Stage(isSleepPassing: false)
    let peer = try await stage.resume()
    // The watch has taken its two clocks once it sleeps.
    await stage.clock.asleep()
    stage.clock.machineSleeps(for: .seconds(60))
    stage.clock.wake()
    let frame = try #require(await peer.frame())
    #expect(frame.opcode == .ping)
    await stage.stop()
  }

  @Test func clientWithoutASessionTakesNoRequests() async throws {
    let stage = try await Stage()
    await #expect(throws: ClientError.notConnected) { try await stage.client.contacts() }
  }

  @Test func requestsCanBeMadeFromTheEventThatBeginsTheSession() async throws {
    let server = try await ScriptedServer()
    let contacts = Mutex<Result<ListContacts.Reply, ClientError>?>(nil)
    let box = Mutex<Client?>(nil)
    let done = Log()
    let client = Client(configuration: .init(address: server.address, name: "t", device: "t")) {
      event in
      if case .resumed = event, let client = box.withLock({ $0 }) {
        client.perform(ListContacts(limit: 1)) { result in
          contacts.withLock { $0 = result }
          done.note("answered")
        }
      }
      return true
    }
    box.withLock { $0 = client }
    await client.start(.token(Fixture.token))
    let peer = try await server.accept()
    try await peer.greet()
    try peer.reply(Fixture.resume, to: try await peer.request().id)
    let page = ListContacts.Reply(contacts: [], next: nil)
    try peer.reply(page, to: try await peer.request().id)
    _ = await done.wait(for: 1)
    #expect(contacts.withLock { $0 } == .success(page))
    await client.stop()
  }

  @Test func signOutEndsTheSessionAndStops() async throws {
    let stage = try await Stage()
    let peer = try await stage.resume()
    let signingOut = Task { try await stage.client.signOut() }
    let (id, request) = try await peer.request()
    #expect(request == .logout(Logout()))
    try peer.reply(Done(), to: id)
    // As the server does: the words and the close come right behind the reply.
    peer.push(SessionEndedPush(reason: "You signed out."))
    peer.close(4001)
    try await signingOut.value
    #expect(await stage.stopReason() != nil)
  }

  @Test func greetingSaysHelloOnceTheServerIsThereAndStops() async throws {
    let stage = try await Stage()
    await stage.client.greet()
    try await stage.server.accept().drop()
    #expect(await stage.waited(because: .lost) == .milliseconds(250))
    try await stage.server.accept().greet()
    #expect(await stage.next { if case .connected = $0 { true } else { false } } != nil)
    #expect(await stage.stopReason() == .greeted)
  }

  @Test func stopWhileConnectingDoesNotWaitForTheServer() async throws {
    let stage = try await Stage()
    await stage.client.start(.token(Fixture.token))
    _ = try await stage.server.accept()
    await stage.stop()
  }

  @Test func unreadEventsOfAFullQueueAreRefusedWhenTheyArePushes() async {
    let events = ClientEvents(capacity: 1)
    let push = ClientEvent.push(.presence(Fixture.presence(online: true)))
    #expect(events.offer(push))
    #expect(!events.offer(push))
    #expect(events.offer(.connecting(attempt: 1)))
    var iterator = events.makeAsyncIterator()
    #expect(await iterator.next() == push)
    #expect(await iterator.next() == .connecting(attempt: 1))
  }
}

private struct Missing: Error {}

/// A client, its server and its clock.
private final class Stage: Sendable {
  enum Cause: Equatable {
    case lost
    case closed(UInt16)
    case refused(RPCError)
    case unreachable
  }

  let server: ScriptedServer
  let client: Client
  let clock: ManualClock
  let cursor = Resume.Cursor(conversation: ConversationID(3), sequence: MessageSequence(42))
  private let events: ClientEvents

  /// - Parameters:
  ///   - isSleepPassing: Whether every wait is over at once.
  ///   - address: Where the client looks for the server, when that is elsewhere.
  init(isSleepPassing: Bool = true, address: ServerAddress? = nil) async throws {
    server = try await ScriptedServer()
    clock = ManualClock(isPassing: isSleepPassing)
    var configuration = ClientConfiguration(
      address: address ?? server.address, name: "test/1", device: "test-host")
    configuration.time = clock.time
    configuration.cursors = { [cursor] in [cursor] }
    (client, events) = Client.withEvents(configuration: configuration)
  }

  func event() async -> ClientEvent? { await next { _ in true } }

  /// The next event of a kind; those before it are skipped.
  func next(where isWanted: (ClientEvent) -> Bool) async -> ClientEvent? {
    for await event in events where isWanted(event) { return event }
    return nil
  }

  /// The length of the next wait, which must have the given cause.
  func waited(because cause: Cause) async -> Duration? {
    let event = await next { if case .waiting = $0 { true } else { false } }
    guard case .waiting(let duration, let error)? = event else { return nil }
    let actual: Cause? =
      switch error {
      case .disconnected(.lost): .lost
      case .disconnected(.closedByServer(let code, _)): .closed(code)
      case .refused(let refusal): .refused(refusal)
      case .unreachable: .unreachable
      default: nil
      }
    #expect(actual == cause)
    return duration
  }

  func stopReason() async -> StopReason? {
    let event = await next { if case .stopped = $0 { true } else { false } }
    guard case .stopped(let reason)? = event else { return nil }
    return reason
  }

  /// Signs in with a token.
  func resume() async throws -> Peer {
    await client.start(.token(Fixture.token))
    let peer = try await server.accept()
    try await peer.greet()
    try peer.reply(Fixture.resume, to: try await peer.request().id)
    _ = await next { if case .resumed = $0 { true } else { false } }
    return peer
  }

  func stop() async {
    await client.stop()
    #expect(await stopReason() == .stoppedHere)
  }
}

/// Clocks that stand still until the test moves them.
private final class ManualClock: Sendable {
  private struct State {
    var wall = Duration.zero
    var sleepers: [CheckedContinuation<Void, Never>] = []
    var watchers: [CheckedContinuation<Void, Never>] = []
  }

  private let isPassing: Bool
  private let state = Mutex(State())

  init(isPassing: Bool) { self.isPassing = isPassing }

  var time: ClientTime {
    ClientTime(
      uptime: { .zero },
      wall: { [self] in
        Timestamp(milliseconds: state.withLock { $0.wall.components.seconds } * 1000)
      },
      sleep: { [self] duration in
        // Of the two who sleep, only the wait between attempts is ever allowed to pass.
        guard isPassing, duration < .seconds(20) else { return try await sleep() }
      },
      fraction: { 0.5 })
  }

  func machineSleeps(for duration: Duration) { state.withLock { $0.wall += duration } }

  /// Waits until somebody sleeps.
  func asleep() async {
    await withCheckedContinuation { continuation in
      let isAsleep = state.withLock { state in
        guard state.sleepers.isEmpty else { return true }
        state.watchers.append(continuation)
        return false
      }
      if isAsleep { continuation.resume() }
    }
  }

  func wake() {
    let sleepers = state.withLock { state in
      defer { state.sleepers = [] }
      return state.sleepers
    }
    for sleeper in sleepers { sleeper.resume() }
  }

  private func sleep() async throws {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (watchers, isCancelled) = state.withLock { state in
          defer { state.watchers = [] }
          if Task.isCancelled { return (state.watchers, true) }
          state.sleepers.append(continuation)
          return (state.watchers, false)
        }
        if isCancelled { continuation.resume() }
        for watcher in watchers { watcher.resume() }
      }
    } onCancel: {
      wake()
    }
    try Task.checkCancellation()
  }
}
