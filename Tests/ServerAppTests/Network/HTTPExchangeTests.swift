import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import ServerApp

@Suite struct HTTPExchangeTests {
  private let channel = NIOAsyncTestingChannel()

  /// Asks for a part, and returns once the socket was asked for it.
  private func demand(of exchange: HTTPExchange) async throws -> Task<ByteBuffer?, any Error> {
    let recorder = ReadRecorder()
    try await channel.pipeline.addHandler(recorder).get()
    let part = Task { try await exchange.nextPart() }
    _ = try await recorder.reads.next()
    return part
  }

  private func exchange() async throws -> HTTPExchange {
    try await channel.connect(to: try SocketAddress(unixDomainSocketPath: "/nowhere"))
    let channel = channel
    return try await channel.testingEventLoop.executeInContext {
      try HTTPExchange(
        HTTPRequestHead(version: .http1_1, method: .PATCH, uri: "/"), on: channel)
    }
  }

  @Test func aBodyThatStandsStillEndsTheConnection() async throws {
    let exchange = try await exchange()
    let part = try await demand(of: exchange)
    await channel.testingEventLoop.advanceTime(by: .seconds(29))
    #expect(channel.isActive)
    await channel.testingEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
    try await channel.testingEventLoop.executeInContext { exchange.broke() }
    await #expect(throws: HTTPExchange.Broken.self) { _ = try await part.value }
  }

  @Test(arguments: [(bytes: 1, isServed: false), (bytes: 20_000, isServed: true)])
  func aBodyKeepsItsPlaceByBytesAndNotByTheirNumberOfParts(
    bytes: Int, isServed: Bool
  ) async throws {
    let exchange = try await exchange()
    var part = try await demand(of: exchange)
    for _ in 1...3 where channel.isActive {
      await channel.testingEventLoop.advanceTime(by: .seconds(20))
      guard channel.isActive else { break }
      try await channel.testingEventLoop.executeInContext {
        exchange.received(ByteBuffer(repeating: 1, count: bytes))
      }
      _ = try await part.value
      part = try await demand(of: exchange)
    }
    #expect(channel.isActive == isServed)
    try await channel.testingEventLoop.executeInContext { exchange.broke() }
    await #expect(throws: HTTPExchange.Broken.self) { _ = try await part.value }
  }

  @Test func whatHadComeIsHandedOverBeforeTheBreak() async throws {
    let exchange = try await exchange()
    try await channel.testingEventLoop.executeInContext {
      exchange.received(ByteBuffer(string: "a"))
      exchange.received(ByteBuffer(string: "b"))
      exchange.broke()
    }
    #expect(try await exchange.nextPart() == ByteBuffer(string: "ab"))
    await #expect(throws: HTTPExchange.Broken.self) { _ = try await exchange.nextPart() }
  }

  @Test func aBodyThatEndedHasNoMoreParts() async throws {
    let exchange = try await exchange()
    try await channel.testingEventLoop.executeInContext {
      exchange.received(ByteBuffer(string: "a"))
      exchange.bodyEnded()
    }
    #expect(try await exchange.nextPart() == ByteBuffer(string: "a"))
    #expect(try await exchange.nextPart() == nil)
  }
}

/// Hears when a channel is asked for more.
private final class ReadRecorder: ChannelOutboundHandler, Sendable {
  typealias OutboundIn = HTTPServerResponsePart
  let reads = Inbox<Void>()

  func read(context: ChannelHandlerContext) {
    reads.append(())
    context.read()
  }
}
