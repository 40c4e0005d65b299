import CoreMetrics
import ServerCore
import Testing

@testable import ServerApp

@Suite struct PrometheusRegistryTests {
  private let registry = PrometheusRegistry()

  /// The lines of one name.
  private func lines(of name: String) -> [String] {
    registry.exposition.split(separator: "\n").map(String.init).filter {
      $0.hasPrefix(name) || $0.contains(" \(name) ")
    }
  }

  @Test func whatHasNotHappenedIsTold() {
    for measure in Measure.allCases {
      let lines = lines(of: measure.rawValue)
      #expect(lines.count >= 3, "\(measure)")
      #expect(lines.dropFirst(2).allSatisfy { $0.hasSuffix(" 0") }, "\(measure)")
    }
  }

  @Test func aCounterGoesUpAndHasItsHelpAndType() {
    let counter = Counter(label: "martlet_messages_total", factory: registry)
    counter.increment()
    counter.increment(by: 41)
    #expect(
      lines(of: "martlet_messages_total") == [
        "# HELP martlet_messages_total \(Measure.messages.help)",
        "# TYPE martlet_messages_total counter", "martlet_messages_total 42",
      ])
  }

  @Test func whoAsksForOneTwiceGetsTheSame() {
    for _ in 0..<2 {
      Counter(
        label: "martlet_sign_in_failures_total", dimensions: [("reason", "wrong password")],
        factory: registry
      ).increment()
    }
    #expect(
      lines(of: "martlet_sign_in_failures_total").dropFirst(2) == [
        "martlet_sign_in_failures_total{reason=\"too many attempts\"} 0",
        "martlet_sign_in_failures_total{reason=\"unknown name\"} 0",
        "martlet_sign_in_failures_total{reason=\"wrong password\"} 2",
      ])
  }

  @Test func aHistogramCountsWhatIsAtMostEachBound() {
    let recorder = Recorder(label: "martlet_commit_messages", factory: registry)
    for value in [1, 2, 3, 1000] { recorder.record(value) }
    #expect(
      lines(of: "martlet_commit_messages").dropFirst(2) == [
        "martlet_commit_messages_bucket{le=\"1\"} 1",
        "martlet_commit_messages_bucket{le=\"2\"} 2",
        "martlet_commit_messages_bucket{le=\"5\"} 3",
        "martlet_commit_messages_bucket{le=\"10\"} 3",
        "martlet_commit_messages_bucket{le=\"20\"} 3",
        "martlet_commit_messages_bucket{le=\"50\"} 3",
        "martlet_commit_messages_bucket{le=\"100\"} 3",
        "martlet_commit_messages_bucket{le=\"200\"} 3",
        "martlet_commit_messages_bucket{le=\"+Inf\"} 4",
        "martlet_commit_messages_sum 1006", "martlet_commit_messages_count 4",
      ])
  }

  @Test func timesAreInSeconds() {
    Timer(label: "martlet_commit_seconds", factory: registry).recordNanoseconds(2_500_000)
    let lines = lines(of: "martlet_commit_seconds")
    #expect(lines.contains("martlet_commit_seconds_bucket{le=\"0.001\"} 0"))
    #expect(lines.contains("martlet_commit_seconds_bucket{le=\"0.0025\"} 1"))
    #expect(lines.contains("martlet_commit_seconds_sum 0.0025"))
  }

  @Test func aGaugeIsWhatItWasSetToLast() {
    let gauge = Meter(label: "martlet_connections", factory: registry)
    gauge.set(3)
    gauge.set(2.5)
    #expect(lines(of: "martlet_connections").last == "martlet_connections 2.5")
  }

  @Test func aLabelActsOnNothingAroundIt() {
    Counter(label: "other", dimensions: [("a", "\"}\\\n")], factory: registry).increment()
    #expect(
      lines(of: "other") == ["# TYPE other counter", "other{a=\"\\\"}\\\\\\n\"} 1"])
  }
}
