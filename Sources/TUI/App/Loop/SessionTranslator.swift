import MartletClient
import MartletProtocol
import TUICore

/// The identity of a server's database, and which of its lives it is in.
typealias ServerIdentity = (id: String, epoch: Int64)

/// Translates what happens to the client into what it means for the application. It performs
/// nothing.
struct SessionTranslator {
  /// What is to be done, in order.
  enum Output: Sendable {
    /// Tell the application; a push may be refused when there is no room.
    case action(Action)
    case push(Action)
    /// Keep the token of a new session.
    case keepToken(Login.Reply)
    /// The token is void.
    case forgetToken
    /// Find out whether the server is there, until somebody signs in.
    case greet
    /// Ask the user, or tell them.
    case doubt(UntrustedServer)
  }

  private enum Phase {
    /// Nobody is signed in or about to be. Whether the server is there is being found out or known.
    case idle
    /// By hand: whoever typed the password waits for an answer.
    case signingIn
    /// By the stored token: keeps trying.
    case returning
    case established
    /// The user is logging out; what the server says to that is expected.
    case leaving
  }

  private var phase = Phase.idle
  /// The server's database, once it has said hello or when it is known from before: what the
  /// application holds is of there.
  private(set) var identity: ServerIdentity?

  init(known: ServerIdentity? = nil) { identity = known }

  /// Whether a sign-in by hand is under way or has just succeeded.
  var isSigningIn: Bool {
    switch phase {
    case .signingIn, .established: true
    case .idle, .returning, .leaving: false
    }
  }

  /// Whether nobody is signed in or about to be.
  var isIdle: Bool {
    if case .idle = phase { true } else { false }
  }

  /// A sign-in has been begun.
  mutating func began(_ credentials: Credentials) {
    switch credentials {
    case .password, .registration: phase = .signingIn
    case .token: phase = .returning
    }
  }

  /// A logout has been begun.
  mutating func leave() { phase = .leaving }

  /// A greeting has been begun.
  mutating func beganGreeting() { phase = .idle }

  mutating func translate(_ event: ClientEvent, now: Timestamp) -> [Output] {
    // What a session does while it is being left is of no interest any more.
    if case .leaving = phase { return [] }
    switch event {
    case .connecting(let attempt):
      return [.action(.connectionChanged(.connecting(attempt: attempt)))]
    case .connected(let greeting):
      let (old, new) = (identity, (id: greeting.serverID, epoch: greeting.epoch))
      identity = new
      var news: [Action] = [
        .greeted(greeting.limits, registration: greeting.registration),
        .connectionChanged(.connected),
      ]
      if let old, old.id != new.id {
        news.insert(.serverReplaced, at: 0)
      } else if old?.epoch != new.epoch {
        news.insert(.historyVoided, at: 0)
      }
      return news.map(Output.action)
    case .registered(let user): return [.action(.registered(user))]
    case .signedIn(let reply):
      phase = .established
      return [.keepToken(reply), .action(.signedIn(reply.user))]
    case .resumed(let reply):
      guard case .established = phase else {
        phase = .established
        return [.action(.signedIn(reply.user, behind: reply.behind))]
      }
      return [.action(.resumed(behind: reply.behind))]
    case .waiting(let wait, let error):
      guard case .signingIn = phase else {
        let retryAt = now.advanced(byMilliseconds: wait.wholeMilliseconds)
        let status = ConnectionStatus.waiting(retryAt: retryAt, reason: error.description)
        guard case .wrongTransport = error else { return [.action(.connectionChanged(status))] }
        return [.action(.connectionChanged(status)), .action(.transportMismatched)]
      }
      phase = .idle
      return [.action(.signInFailed(RequestFailure(error))), .greet]
    case .untrusted(let server): return [.doubt(server)]
    case .push(let push): return Self.action(for: push).map { [.push($0)] } ?? []
    case .stopped(let reason): return stopped(reason)
    }
  }

  private mutating func stopped(_ reason: StopReason) -> [Output] {
    let last = phase
    switch reason {
    // Between two things that were begun, or at the very end. A server that was greeted counts as
    // connected: it is there, and takes a sign-in.
    case .stoppedHere, .greeted: return []
    case .refused(let error):
      phase = .idle
      return [.action(.signInFailed(.refused(error)))]
    case .signedOut(let words):
      phase = .idle
      let end: Action =
        if case .established = last {
          .sessionEnded(.byServer(words))
        } else {
          .signInFailed(.refused(RPCError(.invalidToken, words)))
        }
      return [.forgetToken, .action(end), .greet]
    }
  }

  private static func action(for push: ServerPush) -> Action? {
    switch push {
    case .message(let push): .messageReceived(push.message)
    case .conversation(let push):
      .conversationCreated(push.conversation, members: push.members)
    case .presence(let push):
      .presenceChanged(push.user, online: push.online, lastSeen: push.lastSeen)
    case .read(let push): .readChanged(push.conversation, push.user, push.sequence)
    case .typing(let push): .typingReceived(push.conversation, push.user)
    case .cleared(let push): .historyCleared(push.conversation, through: push.sequence)
    // The client itself acts on these.
    case .sessionEnded, .draining, .unknown: nil
    }
  }
}

extension RequestFailure {
  /// What a failed request means for whoever asked.
  init(_ error: ClientError) {
    switch error {
    case .refused(let refusal): self = .refused(refusal)
    case .tooMuch: self = .refused(RPCError(.overloaded, error.description))
    case .unreachable, .wrongTransport, .untrusted, .notConnected, .disconnected, .timedOut,
      .cancelled:
      self = .connectionLost
    }
  }
}

extension Duration {
  /// Rounded down.
  var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
