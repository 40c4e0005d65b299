import FoundationEssentials
import Glibc
import MartletProtocol
import TestSupport
import Testing

/// Large files and a real server process.
@Suite(.serialized) struct AttachmentTests {
  /// Somebody's HTTP.
  private struct Uploader {
    let server: TestServer
    let token: String

    init(_ name: String, on server: TestServer) async throws {
      let client = try await TestClient.connect(port: await server.port)
      _ = try await client.call(RegisterAccount(name: name, password: "a good password"))
      token = try await client.call(
        Login(name: name, password: "a good password", device: "test")
      ).token
      self.server = server
    }

    func open(_ line: String, _ headers: [String] = []) async throws -> PlainHTTP {
      let connection = try PlainHTTP(port: await server.port)
      try connection.head(line, ["Authorization: Bearer \(token)"] + headers)
      return connection
    }

    func ask(_ line: String, _ headers: [String] = []) async throws -> String {
      let connection = try await open(line, headers)
      defer { connection.close() }
      return try connection.readToEnd().beginning
    }

    func begin(_ name: String, _ size: Int) async throws -> String {
      let answer = try await ask("POST /v1/attachments?name=\(name)", ["Upload-Length: \(size)"])
      guard let match = answer.firstMatch(of: /"id":"([0-9a-f-]+)"/) else { throw Failure(answer) }
      return String(match.1)
    }

    func offset(of id: String) async throws -> Int? {
      try await ask("HEAD /v1/attachments/\(id)")
        .firstMatch(of: /Upload-Offset: (\d+)/).flatMap { Int($0.1) }
    }
  }

  private static func memory(of process: Int, _ what: String) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(what + ":") }),
      let kilobytes = line.split(separator: " ").compactMap({ Int($0) }).first
    else { throw Failure("no \(what) of \(process)") }
    return kilobytes * 1024
  }

  @Test func theLargestFilePassesThroughLittleMemory() async throws {
    let server = try await TestServer()
    let alice = try await Uploader("alice", on: server)
    let size = 100_000_000
    let file = try String(contentsOfFile: server.directory + "/pid", encoding: .utf8)
    let process = try #require(Int(file))
    // One small file first, for what is made once.
    for size in [100_044, size] {
      let before = try Self.memory(of: process, "VmRSS")
      // Forgets the peak so far: proc(5).
      try "5".write(toFile: "/proc/\(process)/clear_refs", atomically: false, encoding: .utf8)
      let id = try await alice.begin("zeros.wav", size)
      let upload = try await alice.open(
        "PATCH /v1/attachments/\(id)", ["Upload-Offset: 0", "Content-Length: \(size)"])
      try upload.write(wavHead(size: size))
      try upload.writeZeros(size - 44)
      #expect(try upload.readToEnd().beginning.contains("\"media_type\":\"audio/wav\""))
      upload.close()
      let download = try await alice.open("GET /v1/attachments/\(id)")
      let (beginning, count) = try download.readToEnd()
      download.close()
      let head = try #require(beginning.firstRange(of: "\r\n\r\n"))
      let headSize = beginning.utf8.distance(from: beginning.startIndex, to: head.upperBound)
      #expect(count == headSize + size)
      let grown = try Self.memory(of: process, "VmHWM") - before
      #expect(size < 1_000_000 || grown < 8_000_000, "it took \(grown) bytes more")
    }
    #expect(
      try await alice.ask("POST /v1/attachments?name=a.wav", ["Upload-Length: \(size + 1)"])
        .hasPrefix("HTTP/1.1 413 "))
    try await server.stop()
  }

  @Test func anUploadGoesOnAfterTheServerWasKilled() async throws {
    let server = try await TestServer()
    let alice = try await Uploader("alice", on: server)
    let (size, half) = (1_000_000, 500_000)
    let id = try await alice.begin("zeros.wav", size)
    let first = try await alice.open(
      "PATCH /v1/attachments/\(id)", ["Upload-Offset: 0", "Content-Length: \(size)"])
    try first.write(wavHead(size: size))
    try first.writeZeros(half - 44)
    _ = try await Machine.eventually("half of it to arrive") {
      try await alice.offset(of: id) == half ? true : nil
    }
    try await server.kill()
    first.close()
    try await server.start()
    _ = try await Machine.eventually("the server to know it again") {
      try await alice.offset(of: id) == half ? true : nil
    }
    let second = try await alice.open(
      "PATCH /v1/attachments/\(id)", ["Upload-Offset: \(half)", "Content-Length: \(size - half)"])
    try second.writeZeros(size - half)
    #expect(try second.readToEnd().beginning.contains("\"size\":\(size)"))
    second.close()
    try await server.stop()
  }
}
