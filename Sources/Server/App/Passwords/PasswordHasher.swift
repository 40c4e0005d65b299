import CCrypto
import NIOPosix
import ServerCore
import Synchronization

/// PBKDF2-HMAC-SHA256 on threads of its own, so that no event loop and no other work waits for it.
///
/// The queue is bounded: past it, people are asked to come back in a moment instead of waiting for
/// an answer that comes too late.
final class PasswordHasher: PasswordHashing {
  /// OWASP's Password Storage Cheat Sheet, 2023, for PBKDF2-HMAC-SHA256.
  static let recommendedRounds = 600_000

  private let rounds: Int
  private let maximumWaiting: Int
  private let waiting = Atomic(0)
  private let threads: NIOThreadPool

  /// - Parameters:
  ///   - rounds: the cost of one hash; 600,000 take 130 to 200 ms on a core.
  ///   - threads: how many hashes run at a time.
  ///   - maximumWaiting: how many may wait or run; 16 take about three seconds, as long as somebody at a
  ///     sign-in screen waits without a second thought. Those refused come back by themselves.
  init(rounds: Int = recommendedRounds, threads: Int = 1, maximumWaiting: Int = 16) {
    self.rounds = rounds
    self.maximumWaiting = maximumWaiting
    self.threads = NIOThreadPool(numberOfThreads: threads)
    self.threads.start()
  }

  func hash(_ password: String) async throws(StoreError) -> String {
    let rounds = rounds
    return try await run {
      let salt = randomBytes(16)
      return StoredPassword(
        rounds: rounds, salt: salt,
        hash: derivedKey(password: password, salt: salt, rounds: rounds)
      ).description
    }
  }

  func verify(_ password: String, against stored: String?) async throws(StoreError) -> Verdict {
    let rounds = rounds
    return try await run {
      guard let stored = stored.flatMap(StoredPassword.init(_:)) else {
        _ = derivedKey(password: password, salt: randomBytes(16), rounds: rounds)
        return .wrong
      }
      let hash = derivedKey(password: password, salt: stored.salt, rounds: stored.rounds)
      guard hash.count == stored.hash.count, CRYPTO_memcmp(hash, stored.hash, hash.count) == 0
      else { return .wrong }
      return stored.rounds < rounds ? .rightButOutdated : .right
    }
  }

  private func run<Value: Sendable>(
    _ job: @escaping @Sendable () -> Value
  ) async throws(StoreError) -> Value {
    defer { waiting.subtract(1, ordering: .relaxed) }
    guard waiting.add(1, ordering: .relaxed).newValue <= maximumWaiting else { throw .overloaded }
    do {
      return try await threads.runIfActive(job)
    } catch {
      // The threads are shutting down.
      throw .unavailable
    }
  }

  /// Waits for running jobs and refuses new ones.
  func close() async throws {
    try await threads.shutdownGracefully()
  }
}

/// Random bytes from libcrypto's generator.
func randomBytes(_ count: Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  // Without randomness there is no security to be had: nothing may go on.
  precondition(RAND_bytes(&bytes, Int32(count)) == 1, "no random numbers to be had")
  return bytes
}

/// RFC 8018, section 5.2, with a key of 32 bytes.
private func derivedKey(password: String, salt: [UInt8], rounds: Int) -> [UInt8] {
  let password = Array(password.utf8CString)
  var key = [UInt8](repeating: 0, count: 32)
  let done = PKCS5_PBKDF2_HMAC(
    password, Int32(password.count - 1), salt, Int32(salt.count), Int32(rounds), EVP_sha256(),
    Int32(key.count), &key)
  precondition(done == 1, "libcrypto has no PBKDF2-HMAC-SHA256")
  return key
}
