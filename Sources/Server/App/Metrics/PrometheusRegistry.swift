import CoreMetrics
import ServerCore
import Synchronization

/// Keeps what is measured, and writes it as Prometheus reads it: the text exposition format, version
/// 0.0.4.
final class PrometheusRegistry: MetricsFactory {
  /// A name with its labels, as it is written.
  fileprivate struct Series: Hashable, Comparable {
    let name: String
    let labels: [String]

    static func < (left: Series, right: Series) -> Bool {
      (left.name, left.labels.joined()) < (right.name, right.labels.joined())
    }

    func line(_ suffix: String = "", _ more: [String] = [], _ value: String) -> String {
      let all = labels + more
      return "\(name)\(suffix)\(all.isEmpty ? "" : "{\(all.joined(separator: ","))}") \(value)\n"
    }
  }

  private let kept = Mutex<[Series: any Measured]>([:])

  /// With every ``Measure`` at nothing: what has not happened yet is told, too.
  init() {
    for measure in Measure.allCases {
      for labels in measure.series {
        switch measure.kind {
        case .counter where measure != .processorTime:
          _ = makeCounter(label: measure.rawValue, dimensions: labels)
        case .counter, .gauge: _ = makeMeter(label: measure.rawValue, dimensions: labels)
        case .histogram: _ = makeTimer(label: measure.rawValue, dimensions: labels)
        }
      }
    }
  }

  // MARK: Making

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    keep(label, dimensions) { CountedTotal() }
  }

  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    keep(label, dimensions) { GaugedValue() }
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    keep(label, dimensions) { Histogram(bounds: Self.bounds(of: label)) }
  }

  func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    keep(label, dimensions) { Histogram(bounds: Self.bounds(of: label)) }
  }

  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}

  private func keep<Kept: Measured>(
    _ label: String, _ dimensions: [(String, String)], _ make: () -> Kept
  ) -> Kept {
    let series = Series(
      name: label, labels: dimensions.map { "\($0)=\"\($1.escapedAsLabel)\"" }.sorted())
    return kept.withLock { kept in
      if let known = kept[series] as? Kept { return known }
      let made = make()
      kept[series] = made
      return made
    }
  }

  private static func bounds(of label: String) -> [Double] {
    guard case .histogram(let bounds)? = Measure(rawValue: label)?.kind else { return [] }
    return bounds
  }

  // MARK: Writing

  /// Everything measured so far.
  var exposition: String {
    let all = kept.withLock { $0 }.sorted { $0.key < $1.key }
    var text = ""
    var last: String?
    for (series, measured) in all {
      if series.name != last {
        last = series.name
        let measure = Measure(rawValue: series.name)
        if let measure { text += "# HELP \(series.name) \(measure.help)\n" }
        text += "# TYPE \(series.name) \(measure?.kind.word ?? measured.word)\n"
      }
      text += measured.lines(of: series)
    }
    return text
  }
}

extension Measure.Kind {
  fileprivate var word: String {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }
}

/// Something with a value that can be written.
private protocol Measured: Sendable {
  /// Its type, where no ``Measure`` says another.
  var word: String { get }
  func lines(of series: PrometheusRegistry.Series) -> String
}

private final class CountedTotal: Measured, CounterHandler {
  private let total = Atomic<Int64>(0)

  func increment(by amount: Int64) { total.wrappingAdd(amount, ordering: .relaxed) }
  func reset() { total.store(0, ordering: .relaxed) }

  var word: String { "counter" }
  func lines(of series: PrometheusRegistry.Series) -> String {
    series.line("\(total.load(ordering: .relaxed))")
  }
}

private final class GaugedValue: Measured, MeterHandler {
  private let value = Mutex(0.0)

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }

  var word: String { "gauge" }
  func lines(of series: PrometheusRegistry.Series) -> String {
    series.line(value.withLock { $0 }.asSample)
  }
}

/// How many values there were at most each bound. Times are in seconds.
private final class Histogram: Measured, TimerHandler, RecorderHandler {
  private struct State {
    /// For each bound those above the one before, and at last those above all.
    var counts: [Int]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let state: Mutex<State>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let place = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[place] += 1
      state.sum += value
    }
  }

  var word: String { "histogram" }
  func lines(of series: PrometheusRegistry.Series) -> String {
    let state = state.withLock { $0 }
    var text = ""
    var total = 0
    for (bound, count) in zip(bounds.map(\.asSample) + ["+Inf"], state.counts) {
      total += count
      text += series.line("_bucket", ["le=\"\(bound)\""], "\(total)")
    }
    return text + series.line("_sum", state.sum.asSample) + series.line("_count", "\(total)")
  }
}

extension PrometheusRegistry.Series {
  fileprivate func line(_ value: String) -> String { line("", [], value) }
  fileprivate func line(_ suffix: String, _ value: String) -> String { line(suffix, [], value) }
}

extension Double {
  /// Whole numbers without a point.
  fileprivate var asSample: String {
    Int64(exactly: self).map { "\($0)" } ?? "\(self)"
  }
}

extension String {
  fileprivate var escapedAsLabel: String {
    replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
