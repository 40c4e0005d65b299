public import FoundationEssentials

/// What a client reads from one text frame.
public enum ServerFrame: Sendable {
  /// The answer to a request; decode it with ``WireCodec/decodeReply(_:to:)``.
  case reply(RequestID)
  /// The refusal of a request; the id is `nil` when the server could not read it.
  case failure(RequestID?, RPCError)
  /// A notification.
  case push(ServerPush)

  /// Reads a frame from the server.
  ///
  /// - Throws: `DecodingError` when it is none.
  public init(frame: Data) throws {
    if let push = MessagePush(quickly: frame) {
      self = .push(.message(push))
    } else if let (id, _) = SendMessage.Reply.read(quickly: frame) {
      self = .reply(.number(id))
    } else {
      try self.init(thoroughly: frame)
    }
  }

  /// Reads a frame of any shape.
  init(thoroughly frame: Data) throws {
    self = try WireCodec.decoder.decode(Envelope.self, from: frame).frame
  }

  private struct Envelope: Decodable {
    let frame: ServerFrame

    enum CodingKeys: String, CodingKey {
      case id, method, params, error
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let method = try container.decodeIfPresent(String.self, forKey: .method) {
        frame = .push(try ServerPush.decode(method: method, from: container, forKey: .params))
      } else if let error = try container.decodeIfPresent(RPCError.self, forKey: .error) {
        frame = .failure(try container.decodeIfPresent(RequestID.self, forKey: .id), error)
      } else {
        frame = .reply(try container.decode(RequestID.self, forKey: .id))
      }
    }
  }
}
