import MartletProtocol
import Testing

@testable import ServerCore

/// How many failures a key may have, and when it is forgotten.
@Suite final class FailureTableTests {
  private let policy = FailurePolicy(
    free: 3, firstWait: .seconds(1), longestWait: .seconds(10))
  private let start = ContinuousClock.now
  private var table = FailureTable<Int>(capacity: 8)

  @Test(arguments: [
    (0, 0), (2, 0), (3, 1), (4, 2), (5, 4), (6, 8), (7, 10), (1000, 10), (Int.max, 10),
  ])
  func theWaitDoublesUpToTheLongest(_ failures: Int, _ seconds: Int) {
    #expect(policy.wait(after: failures) == .seconds(seconds))
  }

  @Test func theWaitCountsFromTheLatestFailure() {
    for _ in 0..<4 { table.failed(7, at: start) }
    #expect(table.wait(for: 7, under: policy, at: start) == .seconds(2))
    #expect(table.wait(for: 7, under: policy, at: start + .seconds(2)) == .zero)
    #expect(table.wait(for: 8, under: policy, at: start) == .zero)
  }

  @Test func anHourLaterOneStartsAfresh() {
    for _ in 0..<9 { table.failed(7, at: start) }
    table.failed(7, at: start + .seconds(3600))
    #expect(table.wait(for: 7, under: policy, at: start + .seconds(3600)) == .zero)
  }

  @Test func aFailureThatWasNoneIsTakenBackWithItsTime() {
    for _ in 0..<3 { table.failed(7, at: start) }
    let mark = table.failed(7, at: start + .seconds(60))
    table.takeBack(7, mark)
    #expect(table.wait(for: 7, under: policy, at: start) == .seconds(1))
  }

  @Test func whatCameSinceIsNotTakenBack() {
    for _ in 0..<3 { table.failed(7, at: start) }
    let mark = table.failed(7, at: start + .seconds(1))
    table.failed(7, at: start + .seconds(2))
    table.takeBack(7, mark)
    #expect(table.wait(for: 7, under: policy, at: start + .seconds(2)) == .seconds(2))
  }

  @Test func theOnlyOneTakenBackLeavesNothing() {
    let mark = table.failed(7, at: start)
    table.takeBack(7, mark)
    table.takeBack(7, mark)
    #expect(table.count == 0)
  }

  @Test func aboveTheCapacityTheOldestAreForgotten() {
    for key in 0..<9 {
      for _ in 0..<4 { table.failed(key, at: start + .seconds(key)) }
    }
    #expect(table.count <= 8)
    #expect(table.wait(for: 8, under: policy, at: start + .seconds(8)) == .seconds(2))
    #expect(table.wait(for: 0, under: policy, at: start) == .zero)
  }
}

/// Who has to wait, and who has not.
@Suite final class SignInGuardTests {
  private let start = ContinuousClock.now
  private var limits = SignInGuard()
  private let here = SignInGuard.Place.origin(.network([192, 0, 2, 1]))
  private let onThisMachine = SignInGuard.Place.origin(.local)

  private func address(_ number: Int) -> SignInGuard.Place {
    .origin(
      .network([10, UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]))
  }

  /// Fails, unless it has to wait: then it returns how long.
  @discardableResult
  private func wait(
    _ account: String = "alice", from place: SignInGuard.Place, at now: ContinuousClock.Instant
  ) -> Duration? {
    do throws(SignInGuard.TooEarly) {
      _ = try limits.begin(account, from: place, at: now)
      return nil
    } catch {
      return error.wait
    }
  }

  private func failures(
    of attempts: Int, as account: (Int) -> String = { _ in "alice" },
    from place: (Int) -> SignInGuard.Place
  ) -> Int {
    (0..<attempts).count { wait(account($0), from: place($0), at: start) == nil }
  }

  @Test func theDelayGrowsToAQuarterOfAnHour() {
    var now = start
    var waits: [Int64] = []
    for _ in 0..<20 {
      while let wait = wait(from: here, at: now) {
        waits.append(wait.components.seconds)
        now += wait
      }
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900])
  }

  /// An attempt counts from its beginning: that none has ended yet is no gain.
  @Test func manyAttemptsAtOnceAreNoMoreThanOneByOne() {
    #expect(failures(of: 100, from: { _ in self.here }) == 5)
  }

  @Test func theRightPasswordForgivesTheWrongOnes() throws {
    #expect(failures(of: 4, from: { _ in self.here }) == 4)
    limits.succeeded(try limits.begin("alice", from: here, at: start))
    #expect(failures(of: 100, from: { _ in self.here }) == 5)
  }

  @Test func whatNobodyCouldCheckIsNoFailure() throws {
    for _ in 0..<1000 { limits.abandoned(try limits.begin("alice", from: here, at: start)) }
  }

  /// Whoever has waited, and then meets a server that has too much to do, has not to wait once more.
  @Test func whatNobodyCouldCheckLeavesTheWaitWhereItWas() throws {
    for second in [0, 0, 0, 0, 0, 1, 3] { wait(from: here, at: start + .seconds(second)) }
    let later = start + .seconds(7)
    limits.abandoned(try limits.begin("alice", from: here, at: later))
    #expect(wait(from: here, at: later) == nil)
  }

  @Test func onePasswordOnManyAccountsIsHeldUpByTheAddress() {
    #expect(failures(of: 1000, as: { "user\($0)" }, from: { _ in self.here }) == 50)
  }

  /// To have an account of one's own is no way to more attempts at those of others.
  @Test func signingInBetweenDoesNotHelpAtOtherAccounts() throws {
    var failures = 0
    for number in 0..<1000 {
      if let attempt = try? limits.begin("mallory", from: here, at: start) {
        limits.succeeded(attempt)
      }
      if wait("user\(number)", from: here, at: start) == nil { failures += 1 }
    }
    #expect(failures == 50)
  }

  /// That the first makes the address known is no reason to leave the second counted.
  @Test func twoWhoSignInAtOnceLeaveNothingBehind() throws {
    for number in 0..<49 {
      let both = [
        try limits.begin("user\(number)", from: here, at: start),
        try limits.begin("user\(number)", from: here, at: start),
      ]
      for attempt in both { limits.succeeded(attempt) }
    }
    #expect(failures(of: 1000, as: { "other\($0)" }, from: { _ in self.here }) == 50)
  }

  /// Twenty addresses have their five attempts each. Every further one has a single attempt.
  @Test func manyAddressesAtOneAccountAreHeldUp() {
    #expect(failures(of: 2000, from: { self.address($0 / 10) }) == 20 * 5 + 180)
    #expect(wait(from: address(199), at: start) == .seconds(30))
  }

  @Test func aStrangerDoesNotHoldUpWhoSignedInFromThereBefore() throws {
    limits.succeeded(try limits.begin("alice", from: here, at: start))
    _ = failures(of: 1000, from: { self.address($0) })
    #expect(failures(of: 100, from: { _ in self.here }) == 5)
  }

  /// However many fail meanwhile, and however fast: the owner is heard at an address that is new, too.
  @Test func aStrangerCannotLockTheOwnerOut() {
    _ = failures(of: 1000, from: { self.address($0) })
    #expect(wait(from: here, at: start) == nil)
    #expect(wait(from: onThisMachine, at: start) == nil)
  }

  /// Behind a proxy that does not say for whom it asks, nobody is held up for what others do to other
  /// accounts.
  @Test func aProxyIsNobodysAddress() {
    #expect(failures(of: 1000, as: { "user\($0)" }, from: { _ in self.onThisMachine }) == 1000)
    #expect(failures(of: 1000, from: { _ in self.onThisMachine }) == 100)
    #expect(wait(from: onThisMachine, at: start + .seconds(30)) == nil)
  }

  @Test func whoIsSignedInHasOnlyTheirOwnMistakes() {
    _ = failures(of: 1000, from: { self.address($0) })
    #expect(failures(of: 100, from: { _ in .session(SessionID(3)) }) == 5)
  }

  private func register(_ origin: Origin) -> Duration? {
    do throws(SignInGuard.TooEarly) {
      _ = try limits.beginRegistration(from: origin, at: start)
      return nil
    } catch {
      return error.wait
    }
  }

  @Test func anAddressMakesFiftyAccountsAndThenOneAMinuteOrFewer() {
    let origin = Origin.network([192, 0, 2, 1])
    #expect((0..<100).count { _ in register(origin) == nil } == 50)
    #expect(register(origin) == .seconds(60))
    #expect(register(.network([192, 0, 2, 2])) == nil)
  }

  @Test func anAccountThatWasNotMadeDoesNotCount() throws {
    let origin = Origin.network([192, 0, 2, 1])
    for _ in 0..<1000 {
      let mark = try limits.beginRegistration(from: origin, at: start)
      limits.abandonedRegistration(from: origin, mark)
    }
  }

  @Test func onThisMachineAccountsAreNotCounted() {
    #expect((0..<1000).count { _ in register(.local) == nil } == 1000)
  }
}
