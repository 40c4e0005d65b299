public import MartletProtocol

/// What requests can be made of: one ``Connection``, or a ``Client`` that keeps one.
public protocol RequestSender: Sendable {
  /// Makes a request; the completion runs exactly once, on the connection's thread and in wire order,
  /// and must not block.
  func perform<Request: RequestMessage>(
    _ request: Request,
    then completion: @escaping @Sendable (Result<Request.Reply, ClientError>) -> Void)

  /// Makes a request and waits for its reply. Cancelling the task gives the wait up.
  ///
  /// - Throws: ``ClientError``.
  func request<Request: RequestMessage>(
    _ request: Request
  ) async throws(ClientError) -> Request.Reply

  /// Sends a request that wants no answer. It is dropped while there is no connection.
  func notify(_ request: some RequestMessage)
}

extension RequestSender {
  /// Lists everyone registered but oneself, a page at a time.
  ///
  /// - Parameters:
  ///   - after: The `next` of the page before; `nil` for the first.
  ///   - limit: How many at the most; the server holds it to ``Limits/pageEntries``.
  /// - Throws: ``ClientError``.
  public func contacts(after: String? = nil, limit: Int = 200) async throws(ClientError)
    -> ListContacts.Reply
  {
    try await request(ListContacts(after: after, limit: limit))
  }

  /// Fetches a stretch of a conversation.
  ///
  /// - Throws: ``ClientError``.
  public func history(of target: Target, _ anchor: HistoryAnchor = .latest, limit: Int = 50)
    async throws(ClientError) -> FetchHistory.Reply
  {
    try await request(FetchHistory(target: target, anchor: anchor, limit: limit))
  }

  /// Sends a message and waits until it is durable. After a failure that leaves the outcome open,
  /// send it again with the same key: it is stored once.
  ///
  /// - Throws: ``ClientError``.
  public func send(_ text: String, to target: Target, key: IdempotencyKey)
    async throws(ClientError) -> SendMessage.Reply
  {
    try await request(SendMessage(target: target, key: key, text: text))
  }

  /// Says that everything up to a message has been read.
  ///
  /// - Throws: ``ClientError``.
  public func markRead(_ conversation: ConversationID, upTo sequence: MessageSequence)
    async throws(ClientError)
  {
    _ = try await request(MarkRead(conversation: conversation, sequence: sequence))
  }

  /// Says that the user is writing; at most every three seconds.
  public func notifyTyping(in conversation: ConversationID) {
    notify(NotifyTyping(conversation: conversation))
  }
}
