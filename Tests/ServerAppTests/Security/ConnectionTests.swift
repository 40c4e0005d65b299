import FoundationEssentials
import MartletProtocol
import ServerCore
import TestSupport
import Testing

@testable import ServerApp

/// Connections that cost the server something before anybody has signed in.
@Suite struct ConnectionTests {
  @Test func aConnectionTooManyIsClosedUntilThereIsRoom() async throws {
    try await TestServer.with(cap: ConnectionCap(total: 2, perAddress: 2)) { server in
      let alice = try await server.someone("alice")
      let held = try await RawConnection.connect(port: await server.port)
      #expect(try await answer(port: await server.port).isEmpty)
      // Those who are in notice nothing.
      _ = try await alice.client.call(ListContacts(limit: 1))
      #expect(held.isOpen)
      try await held.abort()
      try await eventually("room for another") {
        try await answer(port: await server.port).hasPrefix("HTTP/1.1 200 ") ? true : nil
      }
    }
  }

  private func answer(port: Int) async throws -> String {
    let connection = try await RawConnection.connect(port: port)
    connection.write(Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
    return try await connection.readToEnd()
  }

  /// Always one more header, and never the end of them.
  @Test func aRequestThatIsNeverFinishedIsBrokenOff() async throws {
    try await TestServer.with { server in
      let connection = try await RawConnection.connect(port: await server.port)
      connection.write(Array("GET /v1/socket HTTP/1.1\r\n".utf8))
      let drip = Task {
        while connection.isOpen {
          connection.write(Array("X-Slow: 1\r\n".utf8))
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      #expect(try await connection.readToEnd().isEmpty)
      drip.cancel()
    }
  }

  private static func x(_ count: Int) -> String { String(repeating: "x", count: count) }

  @Test(arguments: [
    ("/healthz", "X-Long: \(x(8000))", true), ("/healthz", "X-Long: \(x(9000))", false),
    ("/healthz", "X-Long: \(x(1_000_000))", false), ("/\(x(9000))", "X-Short: 1", false),
    ("/healthz", Array(repeating: "X-Many: 1", count: 100).joined(separator: "\r\n"), false),
    ("/healthz", Array(repeating: "X-Many: \(x(7000))", count: 5).joined(separator: "\r\n"), false),
    ("/healthz", "X-NUL: \0", false),
  ])
  func headersWithoutMeasureAreNotTakenIn(
    _ path: String, _ fields: String, _ isTaken: Bool
  ) async throws {
    try await TestServer.with { server in
      let connection = try await RawConnection.connect(port: await server.port)
      connection.write(
        Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n".utf8))
      #expect(try await connection.readToEnd().hasPrefix("HTTP/1.1 200 ") == isTaken)
      #expect(try await server.request("GET /healthz").status == 200)
    }
  }
}
