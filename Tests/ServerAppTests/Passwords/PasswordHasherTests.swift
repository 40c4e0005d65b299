import ServerCore
import Testing

@testable import ServerApp

@Suite struct PasswordHasherTests {
  /// RFC 7914, section 11, the first 32 bytes: password, salt, rounds, key.
  private static let vectors: [(String, String, Int, [UInt8])] = [
    (
      "passwd", "salt", 1,
      hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
    ),
    (
      "Password", "NaCl", 80_000,
      hex("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")
    ),
  ]

  private static func hex(_ text: String) -> [UInt8] {
    stride(from: 0, to: text.count, by: 2).compactMap { offset in
      let start = text.index(text.startIndex, offsetBy: offset)
      return UInt8(text[start...].prefix(2), radix: 16)
    }
  }

  private func withHasher<Value>(
    rounds: Int = 1, maximumWaiting: Int = 64, _ body: (PasswordHasher) async throws -> Value
  ) async throws -> Value {
    let hasher = PasswordHasher(rounds: rounds, maximumWaiting: maximumWaiting)
    let result: Result<Value, any Error>
    do { result = .success(try await body(hasher)) } catch { result = .failure(error) }
    try await hasher.close()
    return try result.get()
  }

  @Test(arguments: vectors)
  func keysAreThoseOfTheStandard(
    _ password: String, _ salt: String, _ rounds: Int, _ key: [UInt8]
  ) async throws {
    let stored = StoredPassword(rounds: rounds, salt: Array(salt.utf8), hash: key).description
    try await withHasher(rounds: rounds) { hasher in
      let right = try await hasher.verify(password, against: stored)
      let wrong = try await hasher.verify(password + "x", against: stored)
      #expect(right == .right)
      #expect(wrong == .wrong)
    }
  }

  @Test(arguments: ["correct horse", "八个字的中文密码", "", "nul\u{0}inside"])
  func whatWasHashedIsRight(_ password: String) async throws {
    try await withHasher { hasher in
      let stored = try await hasher.hash(password)
      #expect(try await hasher.verify(password, against: stored) == .right)
    }
  }

  @Test func aNULDoesNotEndAPassword() async throws {
    try await withHasher { hasher in
      let stored = try await hasher.hash("nul\u{0}inside")
      #expect(try await hasher.verify("nul", against: stored) == .wrong)
      #expect(try await hasher.verify("nul\u{0}outside", against: stored) == .wrong)
    }
  }

  @Test func everyHashHasASaltOfItsOwn() async throws {
    try await withHasher { hasher in
      let hashes = [
        try await hasher.hash("a good password"), try await hasher.hash("a good password"),
      ]
      #expect(hashes[0] != hashes[1])
    }
  }

  @Test(arguments: [(1, Verdict.rightButOutdated), (2, .right), (3, .right)])
  func fewerRoundsThanAskedAreOutdated(_ stored: Int, _ verdict: Verdict) async throws {
    let old = try await withHasher(rounds: stored) { try await $0.hash("a good password") }
    try await withHasher(rounds: 2) { hasher in
      let right = try await hasher.verify("a good password", against: old)
      let wrong = try await hasher.verify("another password", against: old)
      #expect(right == verdict)
      #expect(wrong == .wrong)
    }
  }

  @Test(arguments: [nil, "", "$2b$10$something", "$pbkdf2-sha256$i=1$c2FsdA$"])
  func withoutAStoredFormTheAnswerIsNo(_ stored: String?) async throws {
    try await withHasher { hasher in
      let verdict = try await hasher.verify("a good password", against: stored)
      #expect(verdict == .wrong)
    }
  }

  @Test func moreThanMayWaitIsRefused() async throws {
    try await withHasher(maximumWaiting: 0) { hasher in
      let error = await #expect(throws: StoreError.self) { try await hasher.hash("password") }
      guard case .overloaded = error else {
        Issue.record("not overloaded: \(String(describing: error))")
        return
      }
    }
  }

  @Test func placesAreGivenBack() async throws {
    try await withHasher(maximumWaiting: 1) { hasher in
      for _ in 1...3 { _ = try await hasher.hash("password") }
    }
  }

  @Test func aClosedHasherIsUnavailable() async throws {
    let hasher = PasswordHasher(rounds: 1)
    try await hasher.close()
    let error = await #expect(throws: StoreError.self) { try await hasher.hash("password") }
    guard case .unavailable = error else {
      Issue.record("not unavailable: \(String(describing: error))")
      return
    }
  }
}
