public import MartletProtocol

/// Why a request has no reply.
public enum ClientError: Error, Hashable, Sendable {
  /// No connection could be made: the host is unknown, nothing listens there, or what listens is not
  /// a Martlet server. The text says which, for people.
  case unreachable(String)
  /// What listens there speaks TLS, and the address asks for none; or the other way round.
  case wrongTransport(ServerAddress)
  /// What answers is not known to be the server that was meant; nothing was sent to it.
  case untrusted(UntrustedServer)
  /// There is no connection at the moment; the request was not sent.
  case notConnected
  /// The connection ended before the reply came. Whether the server acted on the request is unknown.
  case disconnected(CloseReason)
  /// The server refused the request.
  case refused(RPCError)
  /// No reply came in time. Whether the server acted on the request is unknown.
  case timedOut
  /// The request would outgrow ``Limits/frameBytes``, or too many wait already; it was not sent.
  case tooMuch
  /// The task that waited was cancelled.
  case cancelled
}

extension ClientError: CustomStringConvertible {
  /// What happened, for people.
  public var description: String {
    switch self {
    case .unreachable(let reason): reason
    case .wrongTransport(let address):
      address.usesTLS
        ? "What listens at \(address.authority) does not speak TLS."
        : "What listens at \(address.authority) speaks TLS only; use wss://."
    case .untrusted(let server): server.description
    case .notConnected: "There is no connection to the server."
    case .disconnected(let reason): reason.description
    case .refused(let error): error.message
    case .timedOut: "The server did not answer in time."
    case .tooMuch: "That is more than can be sent at once."
    case .cancelled: "The request was given up."
    }
  }
}

/// Why a connection ended.
public enum CloseReason: Hashable, Sendable {
  /// ``Connection/close()`` was called.
  case closedHere
  /// The server closed it with a status of RFC 6455, section 7.4, or of ``CloseCode``; 1005 when it
  /// gave none.
  case closedByServer(code: UInt16, reason: String)
  /// The network broke it; the text is for logs.
  case lost(String)
  /// Nothing at all was heard for longer than the server promised.
  case silent
  /// The server sent something that breaks the protocol.
  case badFrame(BadFrame)
  /// The receiver of pushes did not keep up. Nothing is lost: resume.
  case fellBehind

  /// The server's status, when it is one of Martlet's.
  public var closeCode: CloseCode? {
    guard case .closedByServer(let code, _) = self else { return nil }
    return CloseCode(rawValue: code)
  }
}

extension CloseReason: CustomStringConvertible {
  /// What happened, for people.
  public var description: String {
    switch self {
    case .closedHere: "The connection was closed."
    case .closedByServer:
      switch closeCode {
      case .goingAway, .restarting: "The server is restarting."
      case .signedOut: "This device was signed out."
      case .signInTimeout: "Signing in took too long."
      case .tooSlow: "This client did not keep up with the server."
      case .protocolError, .unsupportedData, .invalidText, .tooLarge:
        "The server did not understand this client."
      case nil: "The server closed the connection."
      }
    case .lost: "The connection was lost."
    case .silent: "The server has fallen silent."
    case .badFrame: "The server sent something that this client does not understand."
    case .fellBehind: "This client did not keep up with the server."
    }
  }
}

extension CloseReason {
  /// What happened, for logs: the server's own words and the system's among it.
  var cause: String {
    switch self {
    case .closedHere: "closed here"
    case .closedByServer(let code, let reason): "closed by the server: \(code) \(reason)"
    case .lost(let cause): "lost: \(cause)"
    case .silent: "silent"
    case .badFrame(let mistake): "bad frame: \(mistake)"
    case .fellBehind: "fell behind"
    }
  }
}

/// How a frame from the server breaks the protocol.
public enum BadFrame: Error, Hashable, Sendable {
  /// It is not UTF-8, not JSON, or not a reply, refusal or push of the protocol.
  case notAMessage
  /// It answers a request in a shape that is not the request's.
  case wrongReply(method: String)
  /// It is binary.
  case binary
  /// It is larger than the client accepts.
  case tooLarge
  /// It breaks the rules of RFC 6455.
  case invalidWebSocket
  /// It says that the server could not read a frame of ours.
  case unreadableRequest

  /// The status to close the connection with.
  var closeCode: CloseCode {
    switch self {
    case .notAMessage, .wrongReply: .invalidText
    case .binary: .unsupportedData
    case .tooLarge: .tooLarge
    case .invalidWebSocket, .unreadableRequest: .protocolError
    }
  }
}
