public import FoundationEssentials

/// JSON-RPC 2.0 as Martlet writes it: one object per text frame, keys in ascending order.
public enum WireCodec {
  static let decoder = JSONDecoder()

  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  /// The frame of a request that wants an answer, or of a notification when `id` is `nil`.
  public static func encode<Request: RequestMessage>(_ request: Request, id: RequestID?) -> Data {
    if case .number(let number) = id,
      let frame = (request as? SendMessage)?.quickFrame(id: number)
    {
      return frame
    }
    return encode(Call(id: id, method: Request.method, params: request))
  }

  /// The frame of a push.
  public static func encode<Push: PushMessage>(_ push: Push) -> Data {
    (push as? MessagePush)?.quickFrame()
      ?? encode(Call(id: nil, method: Push.method, params: push))
  }

  /// The frame of a successful answer.
  public static func encodeReply(_ result: some Encodable, to id: RequestID) -> Data {
    if case .number(let number) = id, let reply = result as? SendMessage.Reply {
      return reply.quickFrame(id: number)
    }
    return encode(Answer(id: id, result: result))
  }

  /// The frame of a refusal; `id` is `nil` when the request's could not be read.
  public static func encodeFailure(_ error: RPCError, to id: RequestID?) -> Data {
    encode(Refusal(id: id, error: error))
  }

  /// Reads the result of a ``ServerFrame/reply(_:)``.
  ///
  /// - Throws: `DecodingError` when the server answered in a shape that is not the request's.
  public static func decodeReply<Reply: Decodable>(_ frame: Data, to: Reply.Type) throws -> Reply {
    if Reply.self == SendMessage.Reply.self,
      let reply = SendMessage.Reply.read(quickly: frame)?.reply as? Reply
    {
      return reply
    }
    return try decoder.decode(Result<Reply>.self, from: frame).result
  }

  private static func encode(_ frame: some Encodable) -> Data {
    do {
      return try encoder.encode(frame)
    } catch {
      // Every frame is made of texts, integers and booleans, which always encode.
      preconditionFailure("a frame that JSON cannot write: \(error)")
    }
  }

  private struct Call<Params: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID?
    let method: String
    let params: Params
  }

  private struct Answer<Value: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID
    let result: Value
  }

  private struct Refusal: Encodable {
    let jsonrpc = "2.0"
    let id: RequestID?
    let error: RPCError

    enum CodingKeys: String, CodingKey {
      case jsonrpc, id, error
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(jsonrpc, forKey: .jsonrpc)
      // JSON-RPC 2.0 wants an explicit null here.
      try container.encode(id, forKey: .id)
      try container.encode(error, forKey: .error)
    }
  }

  private struct Result<Value: Decodable>: Decodable {
    let result: Value
  }
}
