public import MartletClient
public import MartletProtocol

extension Participant {
  /// What happens to a participant.
  public enum Input: Sendable {
    case signedIn(UserID, token: String)
    /// It is back, and this is where it has missed something.
    case resumed(behind: [ConversationSummary])
    case disconnected
    case message(Message)
    case cleared(Place)
    /// Its application writes a message.
    case write(IdempotencyKey, Target, text: String)
    /// Its application clears a history.
    case clear(ConversationID)
    case sendAnswered(IdempotencyKey, Result<SendMessage.Reply, ClientError>)
    case historyAnswered(ConversationID, Result<FetchHistory.Reply, ClientError>)
    case clearAnswered(Place)
    /// What was put off may be tried again.
    case retryTimer
    case stopped(String)
  }
}
