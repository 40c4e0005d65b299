import MartletProtocol

/// Slows down whoever guesses passwords, and leaves those alone who know theirs.
///
/// An attempt counts as failed from its beginning, so that many at once gain nothing, until it is said
/// how it ended. Failures are counted
/// - for an account from one place: whoever mistypes waits for what was done there;
/// - for an address, whatever the accounts: one password tried on many;
/// - for an account from all addresses from which nobody has signed in to it: many addresses at one
///   account. Once there are many, an address has one attempt instead of a few. What fails elsewhere makes
///   nobody wait before that first one, so that no stranger at another address can lock the owner out.
public struct SignInGuard: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// Where a password is said.
  enum Place: Hashable, Sendable {
    case origin(Origin)
    /// On a connection that is signed in, once more.
    case session(SessionID)
  }

  struct TooEarly: Error {
    let wait: Duration
  }

  fileprivate struct Key: Hashable {
    let account: String
    let place: Place
  }

  /// One that was begun, and is to be ended by ``succeeded(_:)`` or ``abandoned(_:)`` unless it failed.
  struct Attempt: Sendable {
    fileprivate let key: Key
    fileprivate let own: FailureMark
    /// Those of the address and the account, if they count.
    fileprivate var others: (address: FailureMark, account: FailureMark)?
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
    free: 100, firstWait: .seconds(1), longestWait: .seconds(30))
  private static let registering = FailurePolicy(
    free: 50, firstWait: .seconds(60), longestWait: .seconds(900))
  /// Of how many accounts and addresses it is remembered that they belong together.
  private static let maximumKnown = 100_000

  private var attempts = FailureTable<Key>()
  private var addresses = FailureTable<Origin>()
  private var accounts = FailureTable<String>()
  private var registrations = FailureTable<Origin>()
  private var known: Set<Key> = []

  /// Begins an attempt at the password of an account.
  ///
  /// - Parameter account: the folded name, whether there is such an account or not.
  /// - Throws: ``TooEarly`` when it has to wait instead.
  mutating func begin(
    _ account: String, from place: Place, at now: Instant
  ) throws(TooEarly) -> Attempt {
    let key = Key(account: account, place: place)
    let wait = wait(for: key, at: now)
    guard wait <= .zero else { throw TooEarly(wait: wait) }
    var attempt = Attempt(key: key, own: attempts.failed(key, at: now))
    if let origin = strangeOrigin(of: key) {
      attempt.others = (
        addresses.failed(origin, at: now), accounts.failed(account, at: now)
      )
    }
    return attempt
  }

  private func wait(for key: Key, at now: Instant) -> Duration {
    guard let origin = strangeOrigin(of: key) else {
      let policy = key.place == .origin(.local) ? Self.ofThisMachine : Self.strict
      return attempts.wait(for: key, under: policy, at: now)
    }
    let isBesieged = accounts.failures(of: key.account, at: now) >= Self.many
    return max(
      attempts.wait(for: key, under: isBesieged ? Self.besieged : Self.strict, at: now),
      addresses.wait(for: origin, under: Self.ofAddress, at: now))
  }

  /// The address of an attempt if nobody has signed in to the account from there.
  private func strangeOrigin(of key: Key) -> Origin? {
    guard case .origin(let origin) = key.place, origin != .local, !known.contains(key) else {
      return nil
    }
    return origin
  }

  /// An attempt has ended with the right password.
  mutating func succeeded(_ attempt: Attempt) {
    takeBackOthers(of: attempt)
    attempts.forget(attempt.key)
    guard case .origin(.network) = attempt.key.place else { return }
    // Somebody forgotten is not let in less, but held up sooner.
    if known.count >= Self.maximumKnown { known.removeFirst() }
    known.insert(attempt.key)
  }

  /// An attempt has ended without anybody knowing whether the password was right: it was none.
  mutating func abandoned(_ attempt: Attempt) {
    takeBackOthers(of: attempt)
    attempts.takeBack(attempt.key, attempt.own)
  }

  private mutating func takeBackOthers(of attempt: Attempt) {
    guard let others = attempt.others, case .origin(let origin) = attempt.key.place else { return }
    addresses.takeBack(origin, others.address)
    accounts.takeBack(attempt.key.account, others.account)
  }

  /// Begins making an account. Those made on this machine are not counted.
  ///
  /// - Throws: ``TooEarly`` when there were too many.
  mutating func beginRegistration(
    from origin: Origin, at now: Instant
  ) throws(TooEarly) -> FailureMark? {
    guard origin != .local else { return nil }
    let wait = registrations.wait(for: origin, under: Self.registering, at: now)
    guard wait <= .zero else { throw TooEarly(wait: wait) }
    return registrations.failed(origin, at: now)
  }

  /// No account was made.
  mutating func abandonedRegistration(from origin: Origin, _ mark: FailureMark?) {
    if let mark { registrations.takeBack(origin, mark) }
  }
}
