/// Why a request was refused. The set is open: a client keeps going on a code that it does not know.
///
/// Negative codes are those of JSON-RPC 2.0, section 5.1; positive ones are Martlet's.
public struct ErrorCode: RawRepresentable, Codable, Hashable, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  // The frame.
  public static let parseError = ErrorCode(rawValue: -32700)
  public static let invalidRequest = ErrorCode(rawValue: -32600)
  public static let unknownMethod = ErrorCode(rawValue: -32601)
  public static let invalidParameters = ErrorCode(rawValue: -32602)
  public static let internalError = ErrorCode(rawValue: -32603)

  // The state of the connection.
  public static let unsupportedVersion = ErrorCode(rawValue: 1000)
  public static let helloRequired = ErrorCode(rawValue: 1001)
  public static let signInRequired = ErrorCode(rawValue: 1002)
  public static let alreadySignedIn = ErrorCode(rawValue: 1003)
  public static let alreadySaidHello = ErrorCode(rawValue: 1004)

  // Accounts and sessions.
  public static let invalidName = ErrorCode(rawValue: 1100)
  public static let nameTaken = ErrorCode(rawValue: 1101)
  public static let weakPassword = ErrorCode(rawValue: 1102)
  public static let wrongCredentials = ErrorCode(rawValue: 1103)
  public static let invalidToken = ErrorCode(rawValue: 1104)
  public static let unknownSession = ErrorCode(rawValue: 1105)
  public static let tooManyAttempts = ErrorCode(rawValue: 1106)
  public static let registrationClosed = ErrorCode(rawValue: 1107)
  public static let invalidInvite = ErrorCode(rawValue: 1108)
  public static let accountDisabled = ErrorCode(rawValue: 1109)

  // Conversations and messages.
  public static let unknownUser = ErrorCode(rawValue: 1200)
  public static let unknownConversation = ErrorCode(rawValue: 1201)
  public static let emptyText = ErrorCode(rawValue: 1202)
  public static let invalidText = ErrorCode(rawValue: 1203)
  public static let textTooLong = ErrorCode(rawValue: 1204)
  public static let invalidQuery = ErrorCode(rawValue: 1205)
  public static let muted = ErrorCode(rawValue: 1206)

  // Attachments.
  public static let unknownAttachment = ErrorCode(rawValue: 1400)
  public static let invalidFileName = ErrorCode(rawValue: 1401)
  public static let unsupportedFormat = ErrorCode(rawValue: 1402)
  public static let attachmentTooLarge = ErrorCode(rawValue: 1403)
  public static let damagedAttachment = ErrorCode(rawValue: 1404)
  public static let quotaExceeded = ErrorCode(rawValue: 1405)
  public static let uploadConflict = ErrorCode(rawValue: 1406)

  // The state of the server: the same request may succeed later.
  public static let unavailable = ErrorCode(rawValue: 1300)
  public static let overloaded = ErrorCode(rawValue: 1301)
}

extension ErrorCode: CustomStringConvertible {
  /// The name of every code, for logs and for the table in docs/protocol.md.
  public static let names: [ErrorCode: String] = [
    .parseError: "parse_error",
    .invalidRequest: "invalid_request",
    .unknownMethod: "unknown_method",
    .invalidParameters: "invalid_parameters",
    .internalError: "internal_error",
    .unsupportedVersion: "unsupported_version",
    .helloRequired: "hello_required",
    .signInRequired: "sign_in_required",
    .alreadySignedIn: "already_signed_in",
    .alreadySaidHello: "already_said_hello",
    .invalidName: "invalid_name",
    .nameTaken: "name_taken",
    .weakPassword: "weak_password",
    .wrongCredentials: "wrong_credentials",
    .invalidToken: "invalid_token",
    .unknownSession: "unknown_session",
    .tooManyAttempts: "too_many_attempts",
    .registrationClosed: "registration_closed",
    .invalidInvite: "invalid_invite",
    .accountDisabled: "account_disabled",
    .unknownUser: "unknown_user",
    .unknownConversation: "unknown_conversation",
    .emptyText: "empty_text",
    .invalidText: "invalid_text",
    .textTooLong: "text_too_long",
    .invalidQuery: "invalid_query",
    .muted: "muted",
    .unknownAttachment: "unknown_attachment",
    .invalidFileName: "invalid_file_name",
    .unsupportedFormat: "unsupported_format",
    .attachmentTooLarge: "attachment_too_large",
    .damagedAttachment: "damaged_attachment",
    .quotaExceeded: "quota_exceeded",
    .uploadConflict: "upload_conflict",
    .unavailable: "unavailable",
    .overloaded: "overloaded",
  ]

  /// The code's name; its number when it has none here.
  public var description: String { Self.names[self] ?? String(rawValue) }
}
