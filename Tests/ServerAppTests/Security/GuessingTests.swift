import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// What guessing comes to over the wire, with the database's own notion of one name.
@Suite struct GuessingTests {
  @Test func guessesFromEverywhereAreCountedHoweverTheNameIsWritten() async throws {
    try await TestServer.with { server in
      _ = try await server.someone("alice")
      let spellings = ["alice", "ALICE", "Ａlice", "ａｌｉｃｅ"]
      for round in 0..<10 {
        // Within the time that a connection has to sign in.
        let client = try await server.client()
        for number in 0..<10 {
          let error = try await guess(at: spellings[number % 4], "guess \(round) \(number)", client)
          #expect(error.code == .wrongCredentials)
        }
      }
      let error = try await guess(at: "Ａlice", "one more", try await server.client())
      #expect(error.code == .tooManyAttempts)
      #expect(error.retryAfter != nil)
    }
  }

  @Test func whoeverSitsAtAnOpenSessionCannotGuessItsPassword() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      var codes: [ErrorCode] = []
      for number in 0..<6 {
        let error = try await refusal {
          _ = try await alice.client.call(
            ChangePassword(currentPassword: "guess \(number)", newPassword: "another good one"))
        }
        codes.append(error.code)
      }
      #expect(codes == Array(repeating: .wrongCredentials, count: 5) + [.tooManyAttempts])
      // It is still Alice's, on other devices as well.
      _ = try await server.device(of: "alice")
    }
  }

  private func guess(
    at name: String, _ password: String, _ client: TestClient
  ) async throws -> RPCError {
    try await refusal {
      _ = try await client.call(Login(name: name, password: password, device: ""))
    }
  }
}
