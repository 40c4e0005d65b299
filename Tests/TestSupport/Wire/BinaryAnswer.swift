/// An answer to a plain HTTP request whose body may be anything.
public struct BinaryAnswer: Sendable {
  public let status: Int
  /// By lower-case name.
  public let headers: [String: String]
  public let body: [UInt8]

  public var text: String { String(decoding: body, as: UTF8.self) }

  init(_ bytes: [UInt8]) throws {
    let gap = Array("\r\n\r\n".utf8)
    guard
      let end = bytes.indices.first(where: { bytes[$0...].starts(with: gap) })
    else { throw Failure("no HTTP: \(String(decoding: bytes, as: UTF8.self))") }
    let head = try HTTPAnswer(String(decoding: bytes[..<(end + 4)], as: UTF8.self))
    // What says only that the body may come is followed by the answer.
    if head.status == 100 {
      self = try BinaryAnswer(Array(bytes[(end + 4)...]))
    } else {
      status = head.status
      headers = head.headers
      body = Array(bytes[(end + 4)...])
    }
  }
}

extension RawConnection {
  /// Writes the head of an HTTP request.
  public func writeHead(_ line: String, _ headers: [String]) {
    let head = ["\(line) HTTP/1.1", "Host: localhost"] + headers
    write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8))
  }

  /// Reads an answer to its end, which is that of the connection.
  public func answer() async throws -> BinaryAnswer {
    var bytes: [UInt8] = []
    while let more = try await read() { bytes += more }
    return try BinaryAnswer(bytes)
  }
}
