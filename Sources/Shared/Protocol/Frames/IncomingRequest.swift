public import FoundationEssentials

/// What the server reads from one text frame: always something that can be answered.
public struct IncomingRequest: Sendable {
  /// What to answer with; `nil` for a notification, and for a frame whose id cannot be read, which
  /// is answered with a null id.
  public let id: RequestID?
  /// The request, or why it is refused.
  public let request: Result<ClientRequest, RPCError>
  /// Whether the sender wants no answer.
  public let isNotification: Bool

  init(id: RequestID?, isNotification: Bool, request: Result<ClientRequest, RPCError>) {
    self.id = id
    self.isNotification = isNotification
    self.request = request
  }

  /// Reads a frame. It never throws: what cannot be read is a request to be refused.
  public init(frame: Data) {
    self = IncomingRequest(quickly: frame) ?? IncomingRequest(thoroughly: frame)
  }

  /// Reads a frame of any shape.
  init(thoroughly frame: Data) {
    do {
      self = try WireCodec.decoder.decode(Envelope.self, from: frame).incoming
    } catch DecodingError.dataCorrupted {
      self.init(
        id: nil, isNotification: false,
        request: .failure(RPCError(.parseError, "The frame is not JSON.")))
    } catch {
      self.init(
        id: nil, isNotification: false,
        request: .failure(
          RPCError(
            .invalidRequest,
            "A frame is one JSON-RPC 2.0 request, an object; batches are not served.")))
    }
  }

  private struct Envelope: Decodable {
    let incoming: IncomingRequest

    enum CodingKeys: String, CodingKey {
      case jsonrpc, id, method, params
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      var id: RequestID?
      var isNotification = false
      let request: Result<ClientRequest, RPCError>
      do {
        let hasID = container.contains(.id)
        if hasID { id = try container.decode(RequestID.self, forKey: .id) }
        guard try container.decode(String.self, forKey: .jsonrpc) == "2.0" else {
          throw RPCError(.invalidRequest, "The field 'jsonrpc' must be \"2.0\".")
        }
        let method = try container.decode(String.self, forKey: .method)
        // Only a whole request can be a notification: JSON-RPC 2.0, section 5, wants the others
        // answered, with a null id.
        isNotification = !hasID
        guard let decode: ClientRequest.Decode<CodingKeys> = ClientRequest.decoder(for: method)
        else { throw RPCError(.unknownMethod, "There is no such method.") }
        do {
          request = .success(try decode(container, .params))
        } catch let error as DecodingError {
          throw RPCError(.invalidParameters, "Invalid parameters: \(error.fieldAndReason).")
        } catch let error where !(error is RPCError) {
          // JSONDecoder finds numbers out of range and lone surrogates late, as errors of its own
          // that name no field.
          throw RPCError(
            .invalidParameters,
            "Invalid parameters: a number or a text in 'params' is not valid.")
        }
      } catch let error as RPCError {
        request = .failure(error)
      } catch {
        request = .failure(
          RPCError(
            .invalidRequest,
            "A request has 'jsonrpc', a 'method' and an 'id' that is a number or a short text."))
      }
      incoming = IncomingRequest(id: id, isNotification: isNotification, request: request)
    }
  }
}

extension DecodingError {
  /// Which field is wrong and how, in words that hold nothing of the value.
  fileprivate var fieldAndReason: String {
    let (path, reason): ([any CodingKey], String) =
      switch self {
      case .typeMismatch(_, let context): (context.codingPath, "has the wrong type")
      case .valueNotFound(_, let context): (context.codingPath, "is missing or null")
      case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing or null")
      case .dataCorrupted(let context): (context.codingPath, "is not valid")
      @unknown default: ([], "is not valid")
      }
    let name = path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    return "'\(name)' \(reason)"
  }
}
