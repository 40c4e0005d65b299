import FoundationEssentials

/// Makes wrong frames of right ones: changes that keep to JSON mostly, and to the shape of a message
/// often, so that what reads them is led far in before it meets what is wrong.
public struct WireMutation {
  private var random: SeededGenerator

  public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// A text made of the frame, after a few changes.
  public mutating func mutate(_ frame: String) throws -> String {
    var tree = try JSONDecoder().decode(JSON.self, from: frame.frame)
    for _ in 0..<Int.random(in: 1...4, using: &random) { tree = change(tree) }
    var text = written(tree)
    // Now and then what is no JSON at all.
    if oneIn(30) {
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[place], at: place)
        }
      }
      text = String(decoding: bytes, as: UTF8.self)
    }
    return text
  }

  private mutating func oneIn(_ number: Int) -> Bool {
    Int.random(in: 0..<number, using: &random) == 0
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  /// Changes one thing somewhere below.
  private mutating func change(_ value: JSON) -> JSON {
    switch value {
    case .object(var fields) where !fields.isEmpty && !oneIn(12):
      let name = pick(fields.keys.sorted())
      switch Int.random(in: 0..<12, using: &random) {
      case 0: fields[name] = nil
      case 1: fields[name] = pick(fields.keys.sorted().compactMap { fields[$0] })
      case 2: fields[pick(["x", "\u{1B}", ""])] = .null
      default: fields[name] = fields[name].map { change($0) }
      }
      return .object(fields)
    case .array(var values) where !values.isEmpty && !oneIn(12):
      let place = Int.random(in: 0..<values.count, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: values.remove(at: place)
      case 1:
        values += Array(repeating: values[place], count: Int.random(in: 1...40, using: &random))
      case 2: values.reverse()
      default: values[place] = change(values[place])
      }
      return .array(values)
    case .number(let number) where !oneIn(10):
      return .number(
        pick([
          .min, .max, .min + 1, .max - 1, -1, 0, 1, number &+ 1, number &- 1, 1 << 31, -(1 << 31),
          1 << 53, number &* 1000,
        ]))
    case .string(let text) where !oneIn(10): return .string(change(text))
    case .bool(let flag) where !oneIn(5): return .bool(!flag)
    default:
      return pick([
        .null, .bool(true), .number(.max), .string(""), .array([]), .object([:]),
        .array([.array([.array([])])]), .number(7), .string("7"), value,
      ])
    }
  }

  private mutating func change(_ text: String) -> String {
    let hostile = [
      "\u{1B}]0;owned\u{7}", "\u{1B}[2J", "\u{9B}31m", "\u{0}", "\u{7F}", "\u{202E}", "\u{2066}",
      "\u{200B}", "\u{FEFF}", "\u{2028}", "\n", "\r", "\t", "\u{E0041}", "\u{AD}", "\u{3164}",
      String(repeating: "\u{301}", count: 300), "👨‍👩‍👧‍👦", "\u{FFFF}", "\u{10FFFF}", "..", "/",
      "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "2026-02-30T00:00:00.000Z",
      "00000000-0000-0000-0000-000000000000", "{", "\"", "\\", "مرحبا", "한",
      String(repeating: "长", count: 3000),
    ]
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return ""
    case 1: return text + pick(hostile)
    case 2: return pick(hostile) + text
    case 3: return pick(hostile)
    default: return String(text.reversed()) + pick(hostile) + pick(hostile)
    }
  }

  /// The tree as JSON, with numbers and texts that no encoder writes now and then.
  private mutating func written(_ value: JSON) -> String {
    switch value {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .number(let number):
      return oneIn(200)
        ? pick(["1e999", "-1e30", "0.5", "99999999999999999999", "1E2", "-0"]) : "\(number)"
    case .string(let text):
      if oneIn(300) { return pick([#""\ud800""#, #""\udc00x""#, #""\u0000""#, #""\x""#]) }
      return quoted(text)
    case .array(let values):
      return "[" + values.map { written($0) }.joined(separator: ",") + "]"
    case .object(let fields):
      var parts = fields.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(written($0.value))" }
      // The same name twice.
      if oneIn(100), let first = parts.first { parts.append(first) }
      return "{" + parts.joined(separator: ",") + "}"
    }
  }

  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      case _: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
