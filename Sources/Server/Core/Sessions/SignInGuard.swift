public import MartletProtocol

/// Slows down whoever guesses passwords, and leaves those alone who know theirs.
///
/// An attempt counts as failed from its beginning, so that many at once gain nothing, until it is said
/// how it ended. Failures are counted
/// - for an account from one address: whoever mistypes waits for what they did themselves;
/// - for an address, whatever the accounts: one password tried on many;
/// - for an account from all addresses from which nobody has signed in to it: many addresses at one
///   account. Once there are many, an address has one attempt instead of a few. Others' failures make
///   nobody wait before that first one, so that no stranger can lock the owner out.
public struct SignInGuard: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// Where an attempt comes from.
  public enum Origin: Hashable, Sendable {
    /// This machine: its operator, or a proxy that does not say for whom it asks. It is slowed down for
    /// each account and for nothing else.
    case local
    /// The bytes of an IPv4 address, or the first eight of an IPv6 one: the network of one customer.
    case network([UInt8])
    /// Somebody signed in, who says the password once more.
    case session(SessionID)
  }

  private struct Attempt: Hashable {
    let account: String
    let origin: Origin
  }

  private static let strict = FailurePolicy(
    free: 5, firstWait: .seconds(1), longestWait: .seconds(900))
  /// For an account at which many have failed.
  private static let besieged = FailurePolicy(
    free: 1, firstWait: .seconds(30), longestWait: .seconds(900))
  private static let many = 100
  private static let ofAddress = FailurePolicy(
    free: 50, firstWait: .seconds(1), longestWait: .seconds(900))
  private static let ofThisMachine = FailurePolicy(
    free: many, firstWait: .seconds(1), longestWait: .seconds(30))
  private static let registering = FailurePolicy(
    free: 50, firstWait: .seconds(60), longestWait: .seconds(900))
  /// Of how many accounts and addresses it is remembered that they belong together.
  private static let maximumKnown = 100_000

  private var attempts = FailureTable<Attempt>()
  private var addresses = FailureTable<Origin>()
  private var accounts = FailureTable<String>()
  private var registrations = FailureTable<Origin>()
  private var known: Set<Attempt> = []

  /// Begins an attempt at the password of an account. Returns how long it has to wait instead, if it
  /// comes too early.
  ///
  /// - Parameter account: the folded name, whether there is such an account or not.
  mutating func begin(_ account: String, from origin: Origin, at now: Instant) -> Duration? {
    let attempt = Attempt(account: account, origin: origin)
    let wait = wait(for: attempt, at: now)
    guard wait <= .zero else { return wait }
    if origin != .local { attempts.failed(attempt, at: now) }
    if !isKnown(attempt) {
      accounts.failed(account, at: now)
      if origin != .local { addresses.failed(origin, at: now) }
    }
    return nil
  }

  private func wait(for attempt: Attempt, at now: Instant) -> Duration {
    guard attempt.origin != .local else {
      return accounts.wait(for: attempt.account, under: Self.ofThisMachine, at: now)
    }
    guard !isKnown(attempt) else { return attempts.wait(for: attempt, under: Self.strict, at: now) }
    let isBesieged = accounts.failures(of: attempt.account, at: now) >= Self.many
    return max(
      attempts.wait(for: attempt, under: isBesieged ? Self.besieged : Self.strict, at: now),
      addresses.wait(for: attempt.origin, under: Self.ofAddress, at: now))
  }

  /// An attempt has ended with the right password.
  mutating func succeeded(_ account: String, from origin: Origin) {
    let attempt = Attempt(account: account, origin: origin)
    takeBackFromAll(attempt)
    attempts.forget(attempt)
    guard case .network = origin else { return }
    // Somebody forgotten is not let in less, but held up sooner.
    if known.count >= Self.maximumKnown { known.removeFirst() }
    known.insert(attempt)
  }

  /// An attempt has ended without anybody knowing whether the password was right.
  mutating func abandoned(_ account: String, from origin: Origin) {
    let attempt = Attempt(account: account, origin: origin)
    takeBackFromAll(attempt)
    attempts.takeBack(attempt)
  }

  /// Begins making an account. Returns how long that has to wait instead, if there were too many.
  mutating func beginRegistration(from origin: Origin, at now: Instant) -> Duration? {
    guard case .network = origin else { return nil }
    let wait = registrations.wait(for: origin, under: Self.registering, at: now)
    guard wait <= .zero else { return wait }
    registrations.failed(origin, at: now)
    return nil
  }

  private func isKnown(_ attempt: Attempt) -> Bool {
    if case .session = attempt.origin { return true }
    return known.contains(attempt)
  }

  private mutating func takeBackFromAll(_ attempt: Attempt) {
    guard !isKnown(attempt) else { return }
    accounts.takeBack(attempt.account)
    addresses.takeBack(attempt.origin)
  }
}
