import FoundationEssentials
import MartletProtocol
import ServerCore
import Testing

@Suite struct SessionStateMachineTests {
  /// The ways a connection can stand.
  enum Standing: CaseIterable {
    case awaitingHello, greeting, awaitingSignIn, signingIn, signedIn, closed

    var machine: SessionStateMachine {
      var machine = SessionStateMachine(limits: Limits())
      guard self != .awaitingHello else { return machine }
      _ = machine.received(IncomingRequest(Request.hello))
      guard self != .greeting else { return machine }
      machine.greeted(successfully: true)
      guard self != .awaitingSignIn else { return machine }
      _ = machine.received(IncomingRequest(Request.login))
      guard self != .signingIn else { return machine }
      machine.answered(signedIn: .alice)
      guard self != .signedIn else { return machine }
      _ = machine.close()
      return machine
    }
  }

  private enum Request {
    static let hello = Hello(client: "test")
    static let login = Login(name: "alice", password: "a good password", device: "test")
    static let signIns: [any RequestMessage] = [
      login, RegisterAccount(name: "alice", password: "a good password"),
      Resume(token: "token", cursors: []),
    ]
    static let others: [any RequestMessage] = [
      Logout(), ListContacts(limit: 1), typing,
      FetchHistory(target: .conversation(ConversationID(1)), anchor: .latest, limit: 1),
      SendMessage(target: .user(UserID(2)), key: .numbered(1), text: "hi"),
      MarkRead(conversation: ConversationID(1), sequence: MessageSequence(1)),
    ]
    static let typing = NotifyTyping(conversation: ConversationID(1))
  }

  /// Every state with what becomes of `hello`, of a request to sign in, and of any other.
  static let table: [(Standing, hello: String, signIn: String, other: String)] = [
    (.awaitingHello, "greet", "refuse hello_required", "refuse hello_required"),
    (.greeting, "refuse already_said_hello", "refuse hello_required", "refuse hello_required"),
    (.awaitingSignIn, "refuse already_said_hello", "sign in", "refuse sign_in_required"),
    (
      .signingIn, "refuse already_said_hello", "refuse already_signed_in",
      "refuse sign_in_required"
    ),
    (.signedIn, "refuse already_said_hello", "refuse already_signed_in", "run as alice"),
    (.closed, "ignore", "ignore", "ignore"),
  ]

  @Test(arguments: table)
  func everyStateDecidesOnEveryRequest(
    _ standing: Standing, hello: String, signIn: String, other: String
  ) {
    func decision(on request: any RequestMessage) -> String {
      var machine = standing.machine
      return machine.received(IncomingRequest(request)).summary
    }
    #expect(decision(on: Request.hello) == hello)
    for request in Request.signIns { #expect(decision(on: request) == signIn) }
    for request in Request.others { #expect(decision(on: request) == other) }
  }

  @Test func theTableHasEveryState() {
    #expect(Self.table.map(\.0) == Standing.allCases)
  }

  @Test func aRefusalCarriesTheIDOfItsRequest() {
    var machine = Standing.awaitingHello.machine
    let decision = machine.received(IncomingRequest(Logout(), id: .text("mine")))
    guard case .refuse(let id, _) = decision else {
      Issue.record("not refused: \(decision)")
      return
    }
    #expect(id == .text("mine"))
  }

  @Test func aFailedHelloMayBeTriedAgain() {
    var machine = Standing.greeting.machine
    machine.greeted(successfully: false)
    #expect(machine.received(IncomingRequest(Request.hello)).summary == "greet")
  }

  @Test func aFailedSignInMayBeTriedAgain() {
    var machine = Standing.signingIn.machine
    machine.answered(signedIn: nil)
    #expect(machine.received(IncomingRequest(Request.login)).summary == "sign in")
  }

  @Test(arguments: Standing.allCases)
  func aNotificationIsNeverAnswered(_ standing: Standing) {
    var machine = standing.machine
    let decision = machine.received(IncomingRequest(Request.typing, id: nil))
    #expect(decision.summary == (standing == .signedIn ? "run as alice" : "ignore"))
  }

  @Test func aBrokenFrameIsAnsweredInEveryStateButClosed() {
    for standing in Standing.allCases {
      var machine = standing.machine
      let decision = machine.received(IncomingRequest(frame: Data("garbage".utf8)))
      #expect(decision.summary == (standing == .closed ? "ignore" : "refuse parse_error"))
      #expect(machine.state == standing.machine.state)
    }
  }

  @Test func requestsBeyondTheLimitAreRefusedUntilOneIsAnswered() {
    var machine = SessionStateMachine(limits: Limits(pendingRequests: 2))
    _ = machine.received(IncomingRequest(Request.hello))
    machine.greeted(successfully: true)
    _ = machine.received(IncomingRequest(Request.login))
    machine.answered(signedIn: .alice)
    #expect(machine.received(IncomingRequest(Logout())).summary == "run as alice")
    #expect(machine.received(IncomingRequest(Logout())).summary == "run as alice")
    #expect(machine.received(IncomingRequest(Logout())).summary == "refuse overloaded")
    #expect(machine.received(IncomingRequest(Request.typing, id: nil)).summary == "ignore")
    machine.answered()
    #expect(machine.received(IncomingRequest(Logout())).summary == "run as alice")
  }

  @Test func anOverloadedConnectionIsToldWhenToTryAgain() {
    var machine = SessionStateMachine(limits: Limits(pendingRequests: 0))
    guard case .refuse(_, let error) = machine.received(IncomingRequest(Request.hello)) else {
      Issue.record("not refused")
      return
    }
    #expect(error.retryAfter != nil)
  }

  @Test func itIsTheClientsTurnOnlyBeforeHelloAndBeforeSigningIn() {
    let overdue = Standing.allCases.filter { $0.machine.isOverdueSignIn }
    #expect(overdue == [.awaitingHello, .awaitingSignIn])
  }

  @Test(arguments: Standing.allCases)
  func closingTellsWhoWasSignedInOnce(_ standing: Standing) {
    var machine = standing.machine
    #expect(machine.close() == (standing == .signedIn ? .alice : nil))
    #expect(machine.state == .closed)
    #expect(machine.close() == nil)
  }

  @Test func anAnswerAfterTheCloseSignsNobodyIn() {
    var machine = Standing.signingIn.machine
    _ = machine.close()
    machine.answered(signedIn: .alice)
    #expect(machine.state == .closed)
    #expect(machine.signedIn == nil)
  }

  @Test func drainingFinishesWhatWasBegunAndBeginsNothing() {
    var machine = Standing.signedIn.machine
    _ = machine.received(IncomingRequest(ListContacts(limit: 1)))
    machine.drain()
    #expect(!machine.isDrained)
    #expect(machine.received(IncomingRequest(ListContacts(limit: 1))).summary == "ignore")
    machine.answered()
    #expect(machine.isDrained)
  }

  @Test func anIdleConnectionIsDrainedAtOnce() {
    var machine = Standing.signedIn.machine
    #expect(!machine.isDrained)
    machine.drain()
    #expect(machine.isDrained)
  }
}

extension SignedIn {
  fileprivate static let alice = SignedIn(
    user: User(id: UserID(1), name: "alice"), session: SessionID(7))
}

extension SessionStateMachine.Decision {
  /// The decision in a word or two.
  fileprivate var summary: String {
    switch self {
    case .ignore: "ignore"
    case .refuse(_, let error): "refuse \(error.code)"
    case .greet: "greet"
    case .signIn: "sign in"
    case .run(_, _, let signedIn): "run as \(signedIn.user.name)"
    }
  }
}
