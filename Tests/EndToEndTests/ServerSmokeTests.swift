import Testing

@Suite struct ServerSmokeTests {
  @Test func aKilledServerStartsAgainOnTheSamePort() async throws {
    let server = try await TestServer()
    let port = await server.port
    try await server.kill()
    try await server.start()
    #expect(await server.port == port)
    try await server.stop()
  }
}
