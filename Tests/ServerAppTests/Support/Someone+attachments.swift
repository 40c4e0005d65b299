import FoundationEssentials
import MartletProtocol
import TestSupport

@testable import ServerApp

/// Somebody's requests over HTTP.
extension Someone {
  var authorization: String { "Authorization: Bearer \(login.token)" }

  /// A connection on which a request has been begun.
  func open(
    _ line: String, _ headers: [String] = [], on server: TestServer
  ) async throws -> RawConnection {
    let connection = try await RawConnection.connect(port: await server.port)
    connection.writeHead(line, [authorization] + headers)
    return connection
  }

  func http(
    _ line: String, _ headers: [String] = [], body: [UInt8] = [], on server: TestServer
  ) async throws -> BinaryAnswer {
    let connection = try await open(line, headers, on: server)
    if !body.isEmpty { connection.write(body) }
    return try await connection.answer()
  }

  /// Asks for an upload.
  func post(_ name: String, _ size: Int64, on server: TestServer) async throws -> BinaryAnswer {
    let name = name.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return try await http(
      "POST /v1/attachments?name=\(name)", ["Upload-Length: \(size)"], on: server)
  }

  /// Begins an upload that the server takes.
  func begin(_ name: String, _ size: Int, on server: TestServer) async throws -> AttachmentID {
    struct Begun: Decodable {
      let id: AttachmentID
      let offset: Int64
    }
    let answer = try await post(name, Int64(size), on: server)
    guard answer.status == 201 else { throw Failure("\(answer.status) \(answer.text)") }
    let begun = try JSONDecoder().decode(Begun.self, from: Data(answer.body))
    guard begun.offset == 0 else { throw Failure("it begins at \(begun.offset)") }
    return begun.id
  }

  func patch(
    _ id: AttachmentID, at offset: Int, _ bytes: [UInt8], on server: TestServer
  ) async throws -> BinaryAnswer {
    try await http(
      "PATCH /v1/attachments/\(id)",
      ["Upload-Offset: \(offset)", "Content-Length: \(bytes.count)"], body: bytes, on: server)
  }

  /// Uploads a whole file that the server takes.
  func upload(
    _ bytes: [UInt8], as name: String, on server: TestServer
  ) async throws -> Attachment {
    let id = try await begin(name, bytes.count, on: server)
    return try await patch(id, at: 0, bytes, on: server).attachment()
  }

  /// How far an upload is; `nil` when there is none.
  func offset(of id: AttachmentID, on server: TestServer) async throws -> Int? {
    let answer = try await http("HEAD /v1/attachments/\(id)", on: server)
    return answer.status == 200 ? answer.headers["upload-offset"].flatMap { Int($0) } : nil
  }

  func fetch(
    _ id: AttachmentID, _ headers: [String] = [], on server: TestServer
  ) async throws -> BinaryAnswer {
    try await http("GET /v1/attachments/\(id)", headers, on: server)
  }

  @discardableResult
  func send(
    _ attachment: AttachmentID, _ text: String = "", to target: Target,
    key: IdempotencyKey = .fresh()
  ) async throws -> SendMessage.Reply {
    try await client.call(
      SendMessage(target: target, key: key, text: text, attachment: attachment))
  }
}

extension BinaryAnswer {
  /// The attachment in an answer that has one.
  func attachment() throws -> Attachment {
    guard status == 200 else { throw Failure("\(status) \(text)") }
    return try JSONDecoder().decode(Attachment.self, from: Data(body))
  }

  /// The code of a refusal.
  func code() throws -> ErrorCode {
    try JSONDecoder().decode(RPCError.self, from: Data(body)).code
  }
}

extension TestServer {
  /// The names of the files that it keeps.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: dataDirectory + "/attachments").sorted()
      .filter { $0 != "database" }
  }

  /// Waits until it keeps these files and no others.
  func keeps(_ names: [String]) async throws {
    try await eventually("\(names) to be all that is kept") {
      try files() == names.sorted() ? true : nil
    }
  }
}
