import MartletClient
import Testing

struct BackoffPolicyTests {
  private let policy = BackoffPolicy()

  @Test func ceilingDoublesUpToTheMaximum() {
    let ceilings = (1...9).map { policy.ceiling(afterFailures: $0) }
    #expect(
      ceilings == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { Duration.milliseconds($0 * 1000) })
  }

  @Test(arguments: [0, -1, .max, .min])
  func anyNumberOfFailuresHasACeiling(failures: Int) {
    #expect(policy.ceiling(afterFailures: failures) <= policy.maximum)
  }

  @Test func jitterIsFullAndComesOnTopOfWhatTheServerAskedFor() {
    #expect(policy.delay(afterFailures: 3, fraction: 0) == .zero)
    #expect(policy.delay(afterFailures: 3, fraction: 0.5) == .seconds(1))
    #expect(policy.delay(afterFailures: 3, floor: .seconds(5), fraction: 1) == .seconds(7))
    #expect(policy.delay(afterFailures: 3, fraction: 7) == .seconds(2))
  }
}
