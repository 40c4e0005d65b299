import TestSupport
import Testing

@testable import ServerApp

@Suite struct HTTPTests {
  @Test func aLivingProcessSaysSo() async throws {
    try await TestServer.with { server in
      let answer = try await server.request("GET /healthz?from=probe")
      #expect(answer.status == 200)
      #expect(answer.body == "ok\n")
    }
  }

  @Test func aReadyServerSaysSo() async throws {
    try await TestServer.with { server in
      let answer = try await server.request("GET /readyz")
      #expect(answer.status == 200)
      #expect(answer.headers["cache-control"] == "no-store")
    }
  }

  @Test(arguments: ["/", "/v1", "/v1/socket/", "/healthz/x", "/../healthz"])
  func elsewhereThereIsNothing(_ path: String) async throws {
    try await TestServer.with { server in
      let answer = try await server.request("GET \(path)")
      #expect(answer.status == 404)
    }
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS"])
  func onlyReadingIsServed(_ method: String) async throws {
    try await TestServer.with { server in
      let answer = try await server.request("\(method) /healthz")
      #expect(answer.status == 405)
      #expect(answer.headers["allow"] == "GET, HEAD")
    }
  }

  @Test func anAnswerToHEADHasNoBody() async throws {
    try await TestServer.with { server in
      let answer = try await server.request("HEAD /healthz")
      #expect(answer.status == 200)
      #expect(answer.headers["content-length"] == "3")
      #expect(answer.body.isEmpty)
    }
  }

  @Test func aPlainRequestToTheSocketIsToldToUpgrade() async throws {
    try await TestServer.with { server in
      let answer = try await server.request("GET /v1/socket")
      #expect(answer.status == 426)
      #expect(answer.headers["upgrade"] == "websocket")
      #expect(answer.body.contains("martlet.v1"))
    }
  }

  @Test(arguments: [nil, "chat", "martlet.v2", "martlet.v11"])
  func anotherSubprotocolIsNotServed(_ subprotocol: String?) async throws {
    try await TestServer.with { server in
      let answer = try await server.request(
        "GET /v1/socket", headers: RawConnection.upgradeHeaders(subprotocol: subprotocol))
      #expect(answer.status == 426)
    }
  }

  @Test(arguments: [
    ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"),
    ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "X: y"), ("Upgrade: websocket", "Upgrade: h2c"),
    ("Connection: Upgrade", "Connection: keep-alive"),
  ])
  func anUpgradeThatIsNoneIsToldHow(_ header: String, _ instead: String) async throws {
    try await TestServer.with { server in
      let answer = try await server.request(
        "GET /v1/socket",
        headers: RawConnection.upgradeHeaders().map { $0 == header ? instead : $0 })
      #expect(answer.status == 426)
      #expect(answer.headers["sec-websocket-version"] == "13")
    }
  }

  @Test func whoOffersAnotherUpgradeIsServedWithoutIt() async throws {
    try await TestServer.with { server in
      let answer = try await server.request(
        "GET /healthz", headers: ["Connection: Upgrade", "Upgrade: h2c"])
      #expect(answer.status == 200)
    }
  }

  @Test func anUpgradeElsewhereFindsNothing() async throws {
    try await TestServer.with { server in
      let answer = try await server.request(
        "GET /v2/socket", headers: RawConnection.upgradeHeaders())
      #expect(answer.status == 404)
    }
  }

  @Test func theSubprotocolMayBeOneOfSeveral() async throws {
    try await TestServer.with { server in
      let connection = try await RawConnection.connect(port: await server.port)
      let head =
        ["GET /v1/socket?x=1 HTTP/1.1", "Host: localhost"]
        + RawConnection.upgradeHeaders(subprotocol: "martlet.v9, martlet.v1")
      connection.write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8))
      let answer = String(decoding: try await connection.read() ?? [], as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 101 "))
      #expect(answer.contains("Sec-WebSocket-Protocol: martlet.v1\r\n"))
    }
  }

  @Test(arguments: [
    "GET /healthz", "GET /readyz", "HEAD /nowhere", "POST /v1/attachments",
    "GET /v1/attachments/0199ab05-4c7b-7d3e-9a41-5f60c2d8e713",
  ])
  func ofRequestsInOneRowTheFirstIsAnswered(line: String) async throws {
    try await TestServer.with { server in
      let connection = try await RawConnection.connect(port: await server.port)
      let request = "\(line) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
      connection.write(Array(String(repeating: request, count: 3).utf8))
      let answer = try await connection.readToEnd()
      #expect(answer.hasPrefix("HTTP/1.1 "))
      #expect(answer.split(separator: "\r\n").filter { $0.hasPrefix("HTTP/1.1 ") }.count == 1)
      #expect(try await server.request("GET /healthz").status == 200)
    }
  }

  @Test func whatIsNoHTTPEndsTheConnection() async throws {
    try await TestServer.with { server in
      let connection = try await RawConnection.connect(port: await server.port)
      connection.write(Array("\u{16}\u{3}\u{1}garbage\r\n\r\n".utf8))
      _ = try await connection.readToEnd()
    }
  }
}
