import FoundationEssentials

// The three frames that a message is on its way: the request, its answer and the push. All others are for
// `Codable`. `QuickFrameTests` holds these to be the same.

extension SendMessage {
  /// The frame of a request; `nil` if it is none of the usual shape.
  func quickFrame(id: Int64) -> Data? {
    guard attachment == nil else { return nil }
    var writer = QuickWriter()
    writer.raw(#"{"id":"#)
    writer.integer(id)
    writer.raw(#","jsonrpc":"2.0","method":"message.send","params":{"#)
    if case .conversation(let conversation) = target {
      writer.raw(#""conversation":"#)
      writer.integer(conversation.rawValue)
      writer.raw(",")
    }
    writer.raw(#""key":"#)
    writer.uuid(key)
    writer.raw(#","text":"#)
    writer.text(text)
    if case .user(let user) = target {
      writer.raw(#","with":"#)
      writer.integer(user.rawValue)
    }
    writer.raw("}}")
    return Data(writer.bytes)
  }

  /// Reads parameters.
  fileprivate init?(_ reader: inout QuickReader) {
    var conversation: ConversationID?
    var user: UserID?
    var key: IdempotencyKey?
    var text: String?
    let isRead = reader.object { reader, name in
      switch name {
      case "conversation": take(reader.identifier(), into: &conversation)
      case "with": take(reader.identifier(), into: &user)
      case "key": take(reader.uuid(), into: &key)
      case "text": take(reader.text(), into: &text)
      case _: false
      }
    }
    guard isRead, let key, let text else { return nil }
    switch (conversation, user) {
    case (let conversation?, nil):
      self.init(target: .conversation(conversation), key: key, text: text)
    case (nil, let user?): self.init(target: .user(user), key: key, text: text)
    case (nil, nil), (.some, .some): return nil
    }
  }
}

extension IncomingRequest {
  /// Reads a `message.send`; `nil` if it is anything else.
  init?(quickly frame: Data) {
    let read = frame.withUnsafeBytes { bytes -> (id: Int64, request: SendMessage)? in
      var reader = QuickReader(bytes)
      var (id, request): (Int64?, SendMessage?) = (nil, nil)
      var (hasVersion, hasMethod) = (false, false)
      let isRead = reader.object { reader, name in
        switch name {
        case "id": return take(reader.integer(), into: &id)
        case "jsonrpc":
          guard !hasVersion else { return false }
          hasVersion = reader.text("2.0")
          return hasVersion
        case "method":
          guard !hasMethod else { return false }
          hasMethod = reader.text("message.send")
          return hasMethod
        case "params": return take(SendMessage(&reader), into: &request)
        case _: return false
        }
      }
      guard isRead, reader.isAtEnd(), hasVersion, hasMethod, let id, let request else { return nil }
      return (id, request)
    }
    guard let read else { return nil }
    self.init(
      id: .number(read.id), isNotification: false, request: .success(.sendMessage(read.request)))
  }
}

extension SendMessage.Reply {
  /// The frame of an answer.
  func quickFrame(id: Int64) -> Data {
    var writer = QuickWriter()
    writer.raw(#"{"id":"#)
    writer.integer(id)
    writer.raw(#","jsonrpc":"2.0","result":{"conversation":"#)
    writer.integer(conversation.rawValue)
    writer.raw(#","sent_at":"#)
    writer.timestamp(sentAt)
    writer.raw(#","sequence":"#)
    writer.integer(sequence.rawValue)
    writer.raw("}}")
    return Data(writer.bytes)
  }

  /// Reads the answer to a `message.send`, and its id; `nil` if it is anything else.
  static func read(quickly frame: Data) -> (id: Int64, reply: SendMessage.Reply)? {
    frame.withUnsafeBytes { bytes in
      var reader = QuickReader(bytes)
      var (id, reply): (Int64?, SendMessage.Reply?) = (nil, nil)
      let isRead = reader.object { reader, name in
        switch name {
        case "id": take(reader.integer(), into: &id)
        case "jsonrpc": reader.text("2.0")
        case "result": take(SendMessage.Reply(&reader), into: &reply)
        case _: false
        }
      }
      guard isRead, reader.isAtEnd(), let id, let reply else { return nil }
      return (id, reply)
    }
  }

  private init?(_ reader: inout QuickReader) {
    var conversation: ConversationID?
    var sequence: MessageSequence?
    var sentAt: Timestamp?
    let isRead = reader.object { reader, name in
      switch name {
      case "conversation": take(reader.identifier(), into: &conversation)
      case "sequence": take(reader.identifier(), into: &sequence)
      case "sent_at": take(reader.timestamp(), into: &sentAt)
      case _: false
      }
    }
    guard isRead, let conversation, let sequence, let sentAt else { return nil }
    self.init(conversation: conversation, sequence: sequence, sentAt: sentAt)
  }
}

extension MessagePush {
  /// The frame of the push; `nil` if it is none of the usual shape.
  func quickFrame() -> Data? {
    guard message.attachment == nil else { return nil }
    var writer = QuickWriter()
    writer.raw(#"{"jsonrpc":"2.0","method":"message","params":{"message":{"conversation":"#)
    writer.integer(message.conversation.rawValue)
    writer.raw(#","key":"#)
    writer.uuid(message.key)
    writer.raw(#","sender":"#)
    writer.integer(message.sender.rawValue)
    writer.raw(#","sent_at":"#)
    writer.timestamp(message.sentAt)
    writer.raw(#","sequence":"#)
    writer.integer(message.sequence.rawValue)
    writer.raw(#","text":"#)
    writer.text(message.text)
    writer.raw("}}}")
    return Data(writer.bytes)
  }

  /// Reads the push; `nil` if it is anything else.
  init?(quickly frame: Data) {
    let message = frame.withUnsafeBytes { bytes -> Message? in
      var reader = QuickReader(bytes)
      var message: Message?
      var hasMethod = false
      let isRead = reader.object { reader, name in
        switch name {
        case "jsonrpc": return reader.text("2.0")
        case "method":
          guard !hasMethod else { return false }
          hasMethod = reader.text("message")
          return hasMethod
        case "params":
          // None behind another is read: there would be two messages.
          return message == nil
            && reader.object { reader, name in
              switch name {
              case "message": take(Message(&reader), into: &message)
              case _: false
              }
            }
        case _: return false
        }
      }
      return isRead && reader.isAtEnd() && hasMethod ? message : nil
    }
    guard let message else { return nil }
    self.init(message: message)
  }
}

extension Message {
  fileprivate init?(_ reader: inout QuickReader) {
    var conversation: ConversationID?
    var sequence: MessageSequence?
    var sender: UserID?
    var sentAt: Timestamp?
    var key: IdempotencyKey?
    var text: String?
    let isRead = reader.object { reader, name in
      switch name {
      case "conversation": take(reader.identifier(), into: &conversation)
      case "sequence": take(reader.identifier(), into: &sequence)
      case "sender": take(reader.identifier(), into: &sender)
      case "sent_at": take(reader.timestamp(), into: &sentAt)
      case "key": take(reader.uuid(), into: &key)
      case "text": take(reader.text(), into: &text)
      case _: false
      }
    }
    guard isRead, let conversation, let sequence, let sender, let sentAt, let key, let text,
      text.utf8.count <= MessageText.maximumBytes
    else { return nil }
    self.init(
      conversation: conversation, sequence: sequence, sender: sender, sentAt: sentAt, key: key,
      text: text)
  }
}
