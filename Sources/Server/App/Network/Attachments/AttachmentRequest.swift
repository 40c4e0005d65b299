import MartletProtocol
import NIOHTTP1
import ServerCore

/// What an HTTP request asks of attachments, as section 12 of the protocol has it.
enum AttachmentRequest: Hashable {
  case begin(name: String, size: Int64)
  /// `count` bytes are to go behind the first `offset`.
  case append(AttachmentID, offset: Int64, count: Int64)
  case ask(AttachmentID)
  case giveUp(AttachmentID)
  case fetch(AttachmentID)

  static let path = "/v1/attachments"

  /// Whether a request's target is here.
  static func isFor(_ uri: String) -> Bool {
    let path = uri.prefix { $0 != "?" }
    return path == Self.path || path.hasPrefix(Self.path + "/")
  }

  /// - Throws: ``HTTPRefusal``.
  init(_ head: HTTPRequestHead) throws(HTTPRefusal) {
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = parts.first, path != Self.path else {
      guard head.method == .POST else { throw .methodNotAllowed("POST") }
      self = .begin(
        name: try Self.name(in: parts.dropFirst().first ?? ""),
        size: try Self.number("Upload-Length", in: head))
      guard try Self.bodyLength(of: head) ?? 0 == 0 else {
        throw Self.invalid("the bytes of a file come after this, with PATCH.")
      }
      return
    }
    let id = AttachmentID(path.dropFirst(Self.path.count + 1))
    switch head.method {
    case .PATCH:
      guard let count = try Self.bodyLength(of: head) else {
        throw Self.invalid("'Content-Length' is missing.")
      }
      let offset = try Self.number("Upload-Offset", in: head)
      self = .append(try Self.known(id), offset: offset, count: count)
    case .HEAD: self = .ask(try Self.known(id))
    case .DELETE: self = .giveUp(try Self.known(id))
    case .GET: self = .fetch(try Self.known(id))
    default: throw .methodNotAllowed("GET, HEAD, PATCH, DELETE")
    }
  }

  private static func known(_ id: AttachmentID?) throws(HTTPRefusal) -> AttachmentID {
    guard let id else { throw HTTPRefusal(Chat.unknownAttachment) }
    return id
  }

  private static func invalid(_ words: String) -> HTTPRefusal {
    HTTPRefusal(RPCError(.invalidParameters, "Invalid parameters: \(words)"))
  }

  private static func number(
    _ header: String, in head: HTTPRequestHead
  ) throws(HTTPRefusal) -> Int64 {
    let values = head.headers[header]
    guard values.count == 1, let number = Int64(digits: values[0]) else {
      throw invalid("'\(header)' is a number of bytes.")
    }
    return number
  }

  /// How many bytes follow; `nil` when it is not said.
  private static func bodyLength(of head: HTTPRequestHead) throws(HTTPRefusal) -> Int64? {
    guard head.headers["Transfer-Encoding"].isEmpty else {
      throw invalid("say 'Content-Length' instead of 'Transfer-Encoding'.")
    }
    guard !head.headers["Content-Length"].isEmpty else { return nil }
    return try number("Content-Length", in: head)
  }

  private static func name(in query: Substring) throws(HTTPRefusal) -> String {
    let values = query.split(separator: "&").filter { $0.hasPrefix("name=") }
    guard values.count == 1 else { throw invalid("say the file's name once, as 'name'.") }
    guard let name = percentDecoded(values[0].dropFirst("name=".count)) else {
      throw invalid("'name' is percent-encoded UTF-8.")
    }
    return name
  }

  /// RFC 3986, section 2.1; `nil` for anything else, and for what is not UTF-8.
  private static func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.flatMap { UInt8(exactly: $0) }
  }
}
