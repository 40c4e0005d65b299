public import MartletProtocol

/// What happens to a ``Client``, in the order in which it happens.
public enum ClientEvent: Hashable, Sendable {
  /// It connects; the first attempt since it last had a session is number 1.
  case connecting(attempt: Int)
  /// It is connected, not yet signed in.
  case connected(Hello.Reply)
  /// The account asked for was made; signing in follows.
  case registered(User)
  /// It signed in with a password. The token is for the owner to keep.
  case signedIn(Login.Reply)
  /// It signed in with a token; what was missed is in the reply.
  case resumed(Resume.Reply)
  /// The server said something.
  case push(ServerPush)
  /// There is no connection; it will try again after a wait.
  case waiting(Duration, because: ClientError)
  /// What answers is not known to be the server that was meant; nothing was sent to it. It waits for
  /// ``Client/pin(_:)`` or ``Client/reconnectNow()``.
  case untrusted(UntrustedServer)
  /// It has stopped and stays so until it is started again.
  case stopped(StopReason)
}

extension ClientEvent {
  /// What it takes in memory, about, in bytes: a queue of pushes is bounded by it, as the server may send
  /// large ones as well as many.
  public var weight: Int {
    guard case .push(let push) = self else { return 256 }
    return switch push {
    case .message(let push): push.message.weight
    case .conversation(let push): 256 + 8 * push.members.count
    case .sessionEnded(let push): 256 + push.reason.utf8.count
    case .unknown(let method): 256 + method.utf8.count
    case .presence, .read, .cleared, .typing, .draining: 512
    }
  }
}

/// Why a ``Client`` does not go on by itself.
public enum StopReason: Hashable, Sendable {
  /// Its owner stopped it.
  case stoppedHere
  /// The server has answered the hello, which was all that was wanted.
  case greeted
  /// The session is over and its token void. The server's words, for people.
  case signedOut(String)
  /// The server refused to sign in, or to speak with this version, and would again.
  case refused(RPCError)
}
