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

  @Test func aFailureThatWasNoneIsTakenBack() {
    for _ in 0..<3 { table.failed(7, at: start) }
    table.takeBack(7)
    #expect(table.wait(for: 7, under: policy, at: start) == .zero)
    table.takeBack(7)
    table.takeBack(7)
    table.takeBack(7)
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
  private let here = SignInGuard.Origin.network([192, 0, 2, 1])

  private func address(_ number: Int) -> SignInGuard.Origin {
    .network([10, UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)])
  }

  /// Fails until it has to wait. Returns how often it could fail, and how long it has to wait.
  private func fail(
    atMost: Int, as account: (Int) -> String = { _ in "alice" },
    from origin: (Int) -> SignInGuard.Origin
  ) -> (failures: Int, wait: Duration?) {
    for number in 0..<atMost {
      if let wait = limits.begin(account(number), from: origin(number), at: start) {
        return (number, wait)
      }
    }
    return (atMost, nil)
  }

  @Test func fiveMistakesCostNothingAndTheSixthWaits() {
    let result = fail(atMost: 100, from: { _ in self.here })
    #expect(result.failures == 5)
    #expect(result.wait == .seconds(1))
  }

  @Test func theDelayGrowsToAQuarterOfAnHour() {
    var now = start
    var waits: [Int64] = []
    for _ in 0..<20 {
      while let wait = limits.begin("alice", from: here, at: now) {
        waits.append(wait.components.seconds)
        now += wait
      }
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900])
  }

  /// An attempt counts from its beginning: that none has ended yet is no gain.
  @Test func manyAttemptsAtOnceAreNoMoreThanOneByOne() {
    let begun = (0..<100).filter { _ in limits.begin("alice", from: here, at: start) == nil }
    #expect(begun.count == 5)
  }

  @Test func theRightPasswordForgivesTheWrongOnes() {
    for _ in 0..<4 { #expect(limits.begin("alice", from: here, at: start) == nil) }
    #expect(limits.begin("alice", from: here, at: start) == nil)
    limits.succeeded("alice", from: here)
    #expect(fail(atMost: 100, from: { _ in self.here }).failures == 5)
  }

  @Test func whatNobodyCouldCheckIsNoFailure() {
    for _ in 0..<1000 {
      #expect(limits.begin("alice", from: here, at: start) == nil)
      limits.abandoned("alice", from: here)
    }
  }

  @Test func onePasswordOnManyAccountsIsHeldUpByTheAddress() {
    let result = fail(atMost: 1000, as: { "user\($0)" }, from: { _ in self.here })
    #expect(result.failures == 50)
  }

  /// To have an account of one's own is no way to more attempts at those of others.
  @Test func signingInBetweenDoesNotHelpAtOtherAccounts() {
    var failures = 0
    for number in 0..<1000 {
      _ = limits.begin("mallory", from: here, at: start)
      limits.succeeded("mallory", from: here)
      if limits.begin("user\(number)", from: here, at: start) == nil { failures += 1 }
    }
    #expect(failures == 50)
  }

  /// Twenty addresses have their five attempts each. Every further one has a single attempt.
  @Test func manyAddressesAtOneAccountAreHeldUp() {
    let attempts = (0..<200).flatMap { number in (0..<10).map { _ in number } }
    let begun = attempts.filter { limits.begin("alice", from: address($0), at: start) == nil }
    #expect(begun.count == 20 * 5 + 180)
    #expect(limits.begin("alice", from: address(199), at: start) == .seconds(30))
  }

  @Test func aStrangerDoesNotHoldUpWhoSignedInFromThereBefore() {
    #expect(limits.begin("alice", from: here, at: start) == nil)
    limits.succeeded("alice", from: here)
    for number in 0..<1000 { _ = limits.begin("alice", from: address(number), at: start) }
    #expect(fail(atMost: 100, from: { _ in self.here }).failures == 5)
  }

  /// However many fail meanwhile, and however fast: the owner is heard at an address that is new, too.
  @Test func aStrangerCannotLockTheOwnerOut() {
    for number in 0..<1000 { _ = limits.begin("alice", from: address(number), at: start) }
    #expect(limits.begin("alice", from: here, at: start) == nil)
    limits.succeeded("alice", from: here)
    #expect(limits.begin("alice", from: here, at: start) == nil)
  }

  /// Behind a proxy that does not say for whom it asks, nobody is held up for what others do to other
  /// accounts.
  @Test func aProxyIsNobodysAddress() {
    let result = fail(atMost: 1000, as: { "user\($0)" }, from: { _ in .local })
    #expect(result.failures == 1000)
    #expect(fail(atMost: 1000, from: { _ in .local }).failures == 100)
  }

  @Test func whoIsSignedInHasOnlyTheirOwnMistakes() {
    _ = fail(atMost: 1000, from: { self.address($0) })
    let session = SignInGuard.Origin.session(SessionID(3))
    #expect(fail(atMost: 100, from: { _ in session }).failures == 5)
  }

  @Test func anAddressMakesFiftyAccountsAndThenOneAMinuteOrFewer() {
    let made = (0..<100).filter { _ in limits.beginRegistration(from: here, at: start) == nil }
    #expect(made.count == 50)
    #expect(limits.beginRegistration(from: here, at: start) == .seconds(60))
    #expect(limits.beginRegistration(from: address(1), at: start) == nil)
  }

  @Test func onThisMachineAccountsAreNotCounted() {
    for _ in 0..<1000 { #expect(limits.beginRegistration(from: .local, at: start) == nil) }
  }
}
