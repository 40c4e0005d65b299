import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// WebSocket as RFC 6455 has it, and what breaks it.
@Suite struct FramingTests {
  private static let hello =
    #"{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":[1,1],"client":"t","capabilities":[]}}"#

  /// What the server answers to some frames, up to the end of the connection.
  private func answers(to frames: [RawFrame], limits: Limits = Limits()) async throws -> [Received]
  {
    // Made before the time to sign in runs.
    let bytes = frames.flatMap(\.bytes)
    return try await TestServer.with(limits: limits) { server in
      let socket = try await RawWebSocket.connect(port: await server.port)
      socket.connection.write(bytes)
      var received: [Received] = []
      while let frame = try await socket.next() {
        received.append(frame)
        // As a client does: the server need not wait for it then.
        if case .close(let code) = frame { socket.send(.close(code ?? 1000)) }
      }
      return received
    }
  }

  static let violations: [(String, [RawFrame], CloseCode)] = [
    ("unmasked", [RawFrame.text("hi").with { $0.isMasked = false }], .protocolError),
    ("reserved bit 1", [RawFrame.text("hi").with { $0.reserved = 4 }], .protocolError),
    ("reserved bit 2", [RawFrame.text("hi").with { $0.reserved = 2 }], .protocolError),
    ("reserved bit 3", [RawFrame.ping().with { $0.reserved = 1 }], .protocolError),
    ("unknown data opcode", [RawFrame(opcode: 3)], .protocolError),
    ("unknown control opcode", [RawFrame(opcode: 0xB)], .protocolError),
    ("fragmented control frame", [RawFrame.ping().with { $0.isFinal = false }], .protocolError),
    ("long control frame", [RawFrame.ping([UInt8](repeating: 0, count: 126))], .protocolError),
    ("continuation of nothing", [RawFrame(opcode: 0, [1])], .protocolError),
    (
      "text within a text", [RawFrame.fragments([[0x61], [0x62]])[0], .text("c")], .protocolError
    ),
    ("binary", [RawFrame.binary([1, 2, 3])], .unsupportedData),
    ("invalid UTF-8", [RawFrame(opcode: 1, [0xC3, 0x28])], .invalidText),
    ("a surrogate", [RawFrame(opcode: 1, [0xED, 0xA0, 0x80])], .invalidText),
    (
      "a frame too large", [RawFrame.text(String(repeating: "x", count: 65_537))], .tooLarge
    ),
    (
      "a frame that claims too much", [RawFrame.text("x").with { $0.claimedLength = 1 << 40 }],
      .tooLarge
    ),
    (
      "fragments too large together",
      RawFrame.fragments([UInt8]([UInt8](repeating: 0x78, count: 40_000)).halves), .tooLarge
    ),
    ("a close of one byte", [RawFrame(opcode: 8, [3])], .protocolError),
    ("a close with a status for no frame", [RawFrame.close(1005)], .protocolError),
    ("a close with a reserved status", [RawFrame.close(2999)], .protocolError),
    ("a close whose words are no UTF-8", [RawFrame(opcode: 8, [3, 232, 0xFF])], .invalidText),
  ]

  @Test(arguments: violations)
  func aViolationIsAnsweredWithItsCode(
    _ what: String, _ frames: [RawFrame], _ code: CloseCode
  ) async throws {
    let received = try await answers(to: frames)
    #expect(received == [.close(code.rawValue)])
  }

  @Test func nothingAfterAViolationCounts() async throws {
    let received = try await answers(to: [.binary([1]), .text(Self.hello), .ping()])
    #expect(received == [.close(CloseCode.unsupportedData.rawValue)])
  }

  @Test func theRestOfAnOversizedFrameDoesNotHideTheCode() async throws {
    // Much more than the server has read when it answers.
    let received = try await answers(to: [.text(String(repeating: "x", count: 1 << 20))])
    #expect(received == [.close(CloseCode.tooLarge.rawValue)])
  }

  @Test(arguments: [nil, 1000, 1001, 3999, 4001] as [UInt16?])
  func aCloseIsEchoed(_ status: UInt16?) async throws {
    let frame = status.map { RawFrame.close($0, "再见") } ?? RawFrame(opcode: 8)
    #expect(try await answers(to: [frame]) == [.close(status)])
  }

  @Test func pingsAreAnsweredBetweenFragments() async throws {
    try await TestServer.with { server in
      let socket = try await RawWebSocket.connect(port: await server.port)
      let bytes = Array(Self.hello.utf8)
      let fragments = RawFrame.fragments([
        Array(bytes[..<20]), Array(bytes[20..<21]), Array(bytes[21...]),
      ])
      socket.send(fragments[0], .ping([1, 2]), fragments[1], .pong([3]), fragments[2])
      #expect(try await socket.next() == .pong([1, 2]))
      guard case .text(let text)? = try await socket.next() else {
        Issue.record("no answer")
        return
      }
      #expect(text.contains("\"server\":"))
    }
  }

  @Test func aCharacterMayBeSplitBetweenFragments() async throws {
    try await TestServer.with { server in
      let socket = try await RawWebSocket.connect(port: await server.port)
      let text = Self.hello.replacing("\"t\"", with: "\"长\"")
      let bytes = Array(text.utf8)
      let middle = text.utf8.count - 30
      for frame in RawFrame.fragments([
        Array(bytes[..<middle]), Array(bytes[middle..<(middle + 1)]),
        Array(bytes[(middle + 1)...]),
      ]) { socket.send(frame) }
      guard case .text? = try await socket.next() else {
        Issue.record("no answer")
        return
      }
    }
  }

  @Test func framesMayFollowTheUpgradeInTheSameBreath() async throws {
    try await TestServer.with { server in
      let socket = try await RawWebSocket.connect(
        port: await server.port, first: RawFrame.text(Self.hello).bytes)
      guard case .text(let text)? = try await socket.next() else {
        Issue.record("no answer")
        return
      }
      #expect(text.contains("\"server\":"))
    }
  }

  @Test func aFrameOfTheGreatestSizeIsRead() async throws {
    try await TestServer.with { server in
      let socket = try await RawWebSocket.connect(port: await server.port)
      socket.send(.text("[" + String(repeating: " ", count: 65_534) + "]"))
      guard case .text(let text)? = try await socket.next() else {
        Issue.record("no answer")
        return
      }
      #expect(text.contains("\(ErrorCode.invalidRequest.rawValue)"))
    }
  }

  @Test func aClientThatAnswersNoPingIsGivenUp() async throws {
    let limits = Limits(signInMilliseconds: 60_000, pingMilliseconds: 20, pongMilliseconds: 20)
    try await TestServer.with(limits: limits) { server in
      let socket = try await RawWebSocket.connect(port: await server.port)
      let received = try await socket.rest()
      #expect(received.first == .ping([]))
      // Nobody is there to read a close frame.
      #expect(received.allSatisfy { $0 == .ping([]) })
    }
  }

  @Test func aClientThatAnswersPingsIsKept() async throws {
    let limits = Limits(signInMilliseconds: 60_000, pingMilliseconds: 20, pongMilliseconds: 2000)
    try await TestServer.with(limits: limits) { server in
      let socket = try await RawWebSocket.connect(port: await server.port)
      for _ in 1...5 {
        #expect(try await socket.next() == .ping([]))
        socket.send(.pong())
      }
    }
  }
}

extension [UInt8] {
  fileprivate var halves: [[UInt8]] { [self, self] }
}
