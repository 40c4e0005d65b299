/// An answer to a plain HTTP request.
public struct HTTPAnswer: Sendable {
  public let status: Int
  /// By lower-case name.
  public let headers: [String: String]
  public let body: String

  init(_ text: String) throws {
    guard let end = text.firstRange(of: "\r\n\r\n") else { throw Failure("no HTTP: \(text)") }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    guard let first = lines.first,
      let status = Int(first.split(separator: " ").dropFirst().first ?? "")
    else { throw Failure("no HTTP: \(text)") }
    self.status = status
    headers = Dictionary(
      lines.dropFirst().compactMap { line in
        line.firstIndex(of: ":").map { colon in
          (line[..<colon].lowercased(), line[colon...].dropFirst(2).description)
        }
      }, uniquingKeysWith: { "\($0), \($1)" })
    body = String(text[end.upperBound...])
  }
}

extension RawConnection {
  /// Makes one HTTP request on a connection of its own and reads to its end.
  public static func request(
    _ line: String, headers: [String] = [], port: Int
  ) async throws -> HTTPAnswer {
    let connection = try await connect(port: port)
    let head = ["\(line) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + headers
    connection.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    return try HTTPAnswer(try await connection.readToEnd())
  }

  /// The headers that ask for WebSocket.
  public static func upgradeHeaders(subprotocol: String? = "martlet.v1") -> [String] {
    [
      "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
      // The example of RFC 6455, section 1.3.
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ] + (subprotocol.map { ["Sec-WebSocket-Protocol: \($0)"] } ?? [])
  }
}
