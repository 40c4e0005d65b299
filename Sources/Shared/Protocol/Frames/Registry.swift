/// Every request there is. A new message is one case here, one line in each table below, and one
/// file in `Requests/`.
public enum ClientRequest: Hashable, Sendable {
  case hello(Hello)
  case registerAccount(RegisterAccount)
  case login(Login)
  case resume(Resume)
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

  typealias Decode<Key: CodingKey> = (KeyedDecodingContainer<Key>, Key) throws -> ClientRequest

  /// How the parameters of a method are read; `nil` for a method there is not.
  static func decoder<Key: CodingKey>(for method: String) -> Decode<Key>? {
    switch method {
    case Hello.method: { .hello(try $0.decode(Hello.self, forKey: $1)) }
    case RegisterAccount.method:
      { .registerAccount(try $0.decode(RegisterAccount.self, forKey: $1)) }
    case Login.method: { .login(try $0.decode(Login.self, forKey: $1)) }
    case Resume.method: { .resume(try $0.decode(Resume.self, forKey: $1)) }
    case Logout.method: { .logout(try $0.decodeIfPresent(Logout.self, forKey: $1) ?? Logout()) }
    case ListContacts.method: { .listContacts(try $0.decode(ListContacts.self, forKey: $1)) }
    case FetchHistory.method: { .fetchHistory(try $0.decode(FetchHistory.self, forKey: $1)) }
    case SendMessage.method: { .sendMessage(try $0.decode(SendMessage.self, forKey: $1)) }
    case MarkRead.method: { .markRead(try $0.decode(MarkRead.self, forKey: $1)) }
    case NotifyTyping.method: { .notifyTyping(try $0.decode(NotifyTyping.self, forKey: $1)) }
    case SearchMessages.method:
      { .searchMessages(try $0.decode(SearchMessages.self, forKey: $1)) }
    case SearchEverywhere.method:
      { .searchEverywhere(try $0.decode(SearchEverywhere.self, forKey: $1)) }
    case ClearHistory.method: { .clearHistory(try $0.decode(ClearHistory.self, forKey: $1)) }
    case ListSessions.method:
      { .listSessions(try $0.decodeIfPresent(ListSessions.self, forKey: $1) ?? ListSessions()) }
    case RevokeSession.method: { .revokeSession(try $0.decode(RevokeSession.self, forKey: $1)) }
    case ChangePassword.method:
      { .changePassword(try $0.decode(ChangePassword.self, forKey: $1)) }
    case WatchPresence.method: { .watchPresence(try $0.decode(WatchPresence.self, forKey: $1)) }
    default: nil
    }
  }

  /// The names of all methods, for documentation and its tests.
  public static let methods = [
    Hello.method, RegisterAccount.method, Login.method, Resume.method, Logout.method,
    ListContacts.method, FetchHistory.method, SendMessage.method, MarkRead.method,
    NotifyTyping.method, SearchMessages.method, SearchEverywhere.method, ClearHistory.method,
    ListSessions.method, RevokeSession.method, ChangePassword.method, WatchPresence.method,
  ]
}

/// Every push there is, and those of newer servers.
public enum ServerPush: Hashable, Sendable {
  case message(MessagePush)
  case conversation(ConversationPush)
  case presence(PresencePush)
  case read(ReadPush)
  case cleared(ClearedPush)
  case typing(TypingPush)
  case sessionEnded(SessionEndedPush)
  case draining(DrainingPush)
  /// A push that this client does not know, to be ignored.
  case unknown(method: String)

  static func decode<Key: CodingKey>(
    method: String, from container: KeyedDecodingContainer<Key>, forKey key: Key
  ) throws -> ServerPush {
    switch method {
    case MessagePush.method: .message(try container.decode(MessagePush.self, forKey: key))
    case ConversationPush.method:
      .conversation(try container.decode(ConversationPush.self, forKey: key))
    case PresencePush.method: .presence(try container.decode(PresencePush.self, forKey: key))
    case ClearedPush.method: .cleared(try container.decode(ClearedPush.self, forKey: key))
    case ReadPush.method: .read(try container.decode(ReadPush.self, forKey: key))
    case TypingPush.method: .typing(try container.decode(TypingPush.self, forKey: key))
    case SessionEndedPush.method:
      .sessionEnded(try container.decode(SessionEndedPush.self, forKey: key))
    case DrainingPush.method: .draining(try container.decode(DrainingPush.self, forKey: key))
    default: .unknown(method: method)
    }
  }

  /// The names of all pushes, for documentation and its tests.
  public static let methods = [
    MessagePush.method, ConversationPush.method, PresencePush.method, ReadPush.method,
    ClearedPush.method, TypingPush.method, SessionEndedPush.method, DrainingPush.method,
  ]
}
