import MartletClient
import MartletProtocol
import TUICore
import Testing

@testable import TUIApp

struct SessionTranslatorTests {
  private var translator = SessionTranslator()
  private let alice = User(id: UserID(1), name: "alice")
  private let lost = ClientError.disconnected(.lost("reset"))

  @Test mutating func firstResumeIsASignInAndLaterOnesAreNot() {
    translator.began(.token("t"))
    #expect(translate(.resumed(resume)) == ["signedIn alice"])
    #expect(translate(.waiting(.seconds(2), because: lost)) == ["waiting until 3000"])
    #expect(translate(.resumed(resume)) == ["resumed"])
  }

  @Test mutating func historyIsVoidOnceTheDatabaseIsAnother() {
    translator.began(.token("t"))
    let same = ["limits", "connected"]
    #expect(translate(.connected(greeting(epoch: 1))) == ["historyVoided"] + same)
    _ = translate(.resumed(resume))
    #expect(translate(.connected(greeting(epoch: 1))) == same)
    #expect(translate(.connected(greeting(epoch: 2))) == ["historyVoided"] + same)
    #expect(translate(.connected(greeting(epoch: 2))) == same)
  }

  @Test mutating func whatWasHeldIsOfTheServerThatItCameFrom() {
    let same = ["limits", "connected"]
    translator = SessionTranslator(known: ("db", 1))
    translator.began(.token("t"))
    #expect(translate(.connected(greeting(epoch: 1))) == same)
    translator = SessionTranslator(known: ("db", 1))
    #expect(translate(.connected(greeting(epoch: 2))) == ["historyVoided"] + same)
    translator = SessionTranslator(known: ("another", 1))
    #expect(translate(.connected(greeting(epoch: 1))) == ["serverReplaced"] + same)
    #expect(translator.identity?.id == "db")
  }

  @Test mutating func storedTokenKeepsTryingWhileTheServerIsAway() {
    translator.began(.token("t"))
    let error = ClientError.unreachable("Nothing listens there.")
    #expect(translate(.waiting(.zero, because: error)) == ["waiting until 1000"])
    #expect(translate(.connecting(attempt: 2)) == ["connecting 2"])
  }

  @Test mutating func signInByHandFailsAtOnceAndWaitsForTheServer() {
    translator.began(.password(name: "alice", password: "secret"))
    #expect(translate(.waiting(.zero, because: lost)) == ["signInFailed lost", "greet"])
    #expect(translate(.stopped(.stoppedHere)) == [])
    #expect(translate(.connecting(attempt: 1)) == ["connecting 1"])
    #expect(translate(.waiting(.zero, because: lost)) == ["waiting until 1000"])
    #expect(translate(.stopped(.greeted)) == [])
  }

  @Test mutating func refusedPasswordLeavesTheServerWithinReach() {
    translator.began(.password(name: "alice", password: "wrong"))
    let refusal = RPCError(.wrongCredentials, "Wrong name or password.")
    #expect(translate(.stopped(.refused(refusal))) == ["signInFailed 1103"])
  }

  @Test mutating func newSessionsTokenIsKeptBeforeTheApplicationHearsOfIt() {
    translator.began(.password(name: "alice", password: "secret"))
    let reply = Login.Reply(token: "t", session: SessionID(1), user: alice)
    #expect(translate(.signedIn(reply)) == ["keep t", "signedIn alice"])
  }

  @Test mutating func refusedTokenIsForgottenAndLeadsToTheForm() {
    translator.began(.token("t"))
    #expect(
      translate(.stopped(.signedOut("Sign in again.")))
        == ["forget", "signInFailed 1104", "greet"])
  }

  @Test mutating func sessionEndedByTheServerIsForgottenAndSaidSo() {
    translator.began(.token("t"))
    _ = translate(.resumed(resume))
    #expect(
      translate(.stopped(.signedOut("Revoked."))) == ["forget", "ended: Revoked.", "greet"])
  }

  @Test mutating func logoutIsNotAnEndByTheServer() {
    translator.began(.token("t"))
    _ = translate(.resumed(resume))
    translator.leave()
    #expect(translate(.push(.sessionEnded(SessionEndedPush(reason: "x")))) == [])
    #expect(translate(.stopped(.signedOut("x"))) == [])
  }

  @Test mutating func refusalKeepsTheStoredToken() {
    translator.began(.token("t"))
    let refusal = RPCError(.unsupportedVersion, "Too old.")
    #expect(translate(.stopped(.refused(refusal))) == ["signInFailed 1000"])
  }

  @Test mutating func wrongTransportIsSaidWithEveryWait() throws {
    let error = ClientError.wrongTransport(try ServerAddress(parsing: "chat.example.org"))
    #expect(
      translate(.waiting(.zero, because: error)) == ["waiting until 1000", "transportMismatched"])
  }

  @Test mutating func serverThatIsNotTrustedIsAskedAboutAndTheSignInWaits() {
    translator.began(.password(name: "alice", password: "secret"))
    #expect(translate(.untrusted(.otherName)) == ["doubt \(UntrustedServer.otherName)"])
    #expect(translator.isSigningIn)
  }

  private var resume: Resume.Reply {
    Resume.Reply(session: SessionID(1), user: alice, behind: [])
  }

  private func greeting(epoch: Int64) -> Hello.Reply {
    Hello.Reply(
      protocol: 1, server: "test/1", serverID: "db", epoch: epoch,
      time: Timestamp(milliseconds: 0), limits: Limits())
  }

  private mutating func translate(_ event: ClientEvent) -> [String] {
    translator.translate(event, now: Timestamp(milliseconds: 1000)).map { output in
      switch output {
      case .keepToken(let reply): "keep \(reply.token)"
      case .forgetToken: "forget"
      case .greet: "greet"
      case .doubt(let server): "doubt \(server)"
      case .push(let action), .action(let action): words(for: action)
      }
    }
  }

  private func words(for action: Action) -> String {
    switch action {
    case .signedIn(let user, _): "signedIn \(user.name)"
    case .resumed: "resumed"
    case .connectionChanged(.connected): "connected"
    case .greeted: "limits"
    case .connectionChanged(.connecting(let attempt)): "connecting \(attempt)"
    case .connectionChanged(.waiting(let time, _)): "waiting until \(time.milliseconds)"
    case .signInFailed(.refused(let error)): "signInFailed \(error.code.rawValue)"
    case .signInFailed(.connectionLost): "signInFailed lost"
    case .sessionEnded(.byServer(let words)): "ended: \(words)"
    default: "\(action)"
    }
  }
}
