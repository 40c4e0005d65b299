import FoundationEssentials
import MartletProtocol

/// Frames read by the codec and written again. The switches have no default, so that a new message
/// does not compile until it can be checked.
enum Reencoding {
  struct NotThat: Error, CustomStringConvertible {
    let description: String
  }

  /// A request or notification; returns its frame, written again, and its method.
  static func request(_ frame: Data) throws -> (frame: Data, method: String) {
    let incoming = IncomingRequest(frame: frame)
    let id = incoming.id
    func written<Request: RequestMessage>(_ request: Request) -> (Data, String) {
      (WireCodec.encode(request, id: id), Request.method)
    }
    return switch try incoming.request.get() {
    case .hello(let request): written(request)
    case .registerAccount(let request): written(request)
    case .login(let request): written(request)
    case .resume(let request): written(request)
    case .logout(let request): written(request)
    case .listContacts(let request): written(request)
    case .fetchHistory(let request): written(request)
    case .sendMessage(let request): written(request)
    case .markRead(let request): written(request)
    case .notifyTyping(let request): written(request)
    case .searchMessages(let request): written(request)
    case .searchEverywhere(let request): written(request)
    case .clearHistory(let request): written(request)
    case .listSessions(let request): written(request)
    case .revokeSession(let request): written(request)
    case .changePassword(let request): written(request)
    case .watchPresence(let request): written(request)
    }
  }

  /// The answer to a request of some method.
  static func reply(_ frame: Data, to method: String) throws -> Data {
    guard case .reply(let id) = try ServerFrame(frame: frame) else {
      throw NotThat(description: "not a reply")
    }
    func written<Request: RequestMessage>(_: Request.Type) throws -> Data {
      WireCodec.encodeReply(try WireCodec.decodeReply(frame, to: Request.Reply.self), to: id)
    }
    return switch method {
    case Hello.method: try written(Hello.self)
    case RegisterAccount.method: try written(RegisterAccount.self)
    case Login.method: try written(Login.self)
    case Resume.method: try written(Resume.self)
    case Logout.method: try written(Logout.self)
    case ListContacts.method: try written(ListContacts.self)
    case FetchHistory.method: try written(FetchHistory.self)
    case SendMessage.method: try written(SendMessage.self)
    case MarkRead.method: try written(MarkRead.self)
    case NotifyTyping.method: try written(NotifyTyping.self)
    case SearchMessages.method: try written(SearchMessages.self)
    case SearchEverywhere.method: try written(SearchEverywhere.self)
    case ClearHistory.method: try written(ClearHistory.self)
    case ListSessions.method: try written(ListSessions.self)
    case RevokeSession.method: try written(RevokeSession.self)
    case ChangePassword.method: try written(ChangePassword.self)
    case WatchPresence.method: try written(WatchPresence.self)
    default: throw NotThat(description: "no reply is known for '\(method)'")
    }
  }

  /// A push; returns its frame, written again, and its method.
  static func push(_ frame: Data) throws -> (frame: Data, method: String) {
    guard case .push(let push) = try ServerFrame(frame: frame) else {
      throw NotThat(description: "not a push")
    }
    func written<Push: PushMessage>(_ push: Push) -> (Data, String) {
      (WireCodec.encode(push), Push.method)
    }
    return switch push {
    case .message(let push): written(push)
    case .conversation(let push): written(push)
    case .presence(let push): written(push)
    case .read(let push): written(push)
    case .cleared(let push): written(push)
    case .typing(let push): written(push)
    case .sessionEnded(let push): written(push)
    case .draining(let push): written(push)
    case .unknown(let method): throw NotThat(description: "an unknown push, '\(method)'")
    }
  }

  /// A refusal.
  static func failure(_ frame: Data) throws -> Data {
    guard case .failure(let id, let error) = try ServerFrame(frame: frame) else {
      throw NotThat(description: "not a refusal")
    }
    return WireCodec.encodeFailure(error, to: id)
  }
}
