import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import ServerApp

@Suite struct HTTPExchangeTests {
  private let channel = NIOAsyncTestingChannel()

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
    let channel = channel
    let part = Task { try await exchange.nextPart() }
    // It has been asked for when the loop has nothing more to do.
    try await eventually("the clock to run") {
      await channel.testingEventLoop.advanceTime(by: .seconds(10))
      return channel.isActive ? nil : true
    }
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
