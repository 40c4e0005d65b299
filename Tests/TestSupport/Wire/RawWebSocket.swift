/// A WebSocket client that does as it is told, be it against the rules. It answers nothing by
/// itself.
public actor RawWebSocket {
  public nonisolated let connection: RawConnection
  private var parser = FrameParser()

  private init(connection: RawConnection) {
    self.connection = connection
  }

  /// Connects and upgrades.
  ///
  /// - Parameter first: bytes to write in the same breath as the request.
  public static func connect(
    port: Int, receiveBuffer: Int? = nil, first: [UInt8] = []
  ) async throws -> RawWebSocket {
    let connection = try await RawConnection.connect(port: port, receiveBuffer: receiveBuffer)
    let socket = RawWebSocket(connection: connection)
    try await socket.upgrade(port: port, first)
    return socket
  }

  private func upgrade(port: Int, _ first: [UInt8]) async throws {
    let head =
      ["GET /v1/socket HTTP/1.1", "Host: 127.0.0.1:\(port)"] + RawConnection.upgradeHeaders()
    connection.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + first)
    var answer: [UInt8] = []
    while true {
      if let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) {
        let text = String(decoding: answer[..<end.lowerBound], as: UTF8.self).lowercased()
        guard text.hasPrefix("http/1.1 101 "),
          text.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
          text.contains("sec-websocket-protocol: martlet.v1")
        else { throw Failure("no upgrade: \(text)") }
        parser.append(answer[end.upperBound...])
        return
      }
      guard let bytes = try await connection.read() else { throw Failure("no upgrade") }
      answer += bytes
    }
  }

  public nonisolated func send(_ frames: RawFrame...) {
    connection.write(frames.flatMap(\.bytes))
  }

  /// The next frame; `nil` after the end of the connection.
  public func next() async throws -> Received? {
    while true {
      if let frame = parser.next() { return frame }
      guard let bytes = try await connection.read() else { return nil }
      parser.append(bytes)
    }
  }

  /// Everything up to the end of the connection.
  public func rest() async throws -> [Received] {
    var frames: [Received] = []
    while let frame = try await next() { frames.append(frame) }
    return frames
  }
}
