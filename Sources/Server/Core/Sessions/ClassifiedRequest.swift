public import MartletProtocol

/// A request by when it is allowed, so that the compiler knows what may arrive where.
enum ClassifiedRequest {
  case greeting(Hello)
  case signIn(SignInRequest)
  case signedIn(SignedInRequest)

  init(_ request: ClientRequest) {
    switch request {
    case .hello(let request): self = .greeting(request)
    case .registerAccount(let request): self = .signIn(.registerAccount(request))
    case .login(let request): self = .signIn(.login(request))
    case .resume(let request): self = .signIn(.resume(request))
    case .logout(let request): self = .signedIn(.logout(request))
    case .listContacts(let request): self = .signedIn(.listContacts(request))
    case .fetchHistory(let request): self = .signedIn(.fetchHistory(request))
    case .sendMessage(let request): self = .signedIn(.sendMessage(request))
    case .markRead(let request): self = .signedIn(.markRead(request))
    case .notifyTyping(let request): self = .signedIn(.notifyTyping(request))
    case .searchMessages(let request): self = .signedIn(.searchMessages(request))
    case .searchEverywhere(let request): self = .signedIn(.searchEverywhere(request))
    case .clearHistory(let request): self = .signedIn(.clearHistory(request))
    case .listSessions(let request): self = .signedIn(.listSessions(request))
    case .revokeSession(let request): self = .signedIn(.revokeSession(request))
    case .changePassword(let request): self = .signedIn(.changePassword(request))
    case .watchPresence(let request): self = .signedIn(.watchPresence(request))
    }
  }
}

/// What may be asked before anybody is signed in.
public enum SignInRequest: Sendable {
  case registerAccount(RegisterAccount)
  case login(Login)
  case resume(Resume)
}

/// What may be asked by somebody signed in.
public enum SignedInRequest: Sendable {
  case logout(Logout)
  case listContacts(ListContacts)
  case fetchHistory(FetchHistory)
  case sendMessage(SendMessage)
  case markRead(MarkRead)
  case notifyTyping(NotifyTyping)
  case searchMessages(SearchMessages)
  case searchEverywhere(SearchEverywhere)
  case clearHistory(ClearHistory)
  case listSessions(ListSessions)
  case revokeSession(RevokeSession)
  case changePassword(ChangePassword)
  case watchPresence(WatchPresence)
}
