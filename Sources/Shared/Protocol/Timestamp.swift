/// A moment, in whole milliseconds of Unix time; on the wire an RFC 3339 text in UTC with three
/// decimals, such as `2026-11-23T09:41:00.123Z`.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  public let milliseconds: Int64

  /// Wraps milliseconds of Unix time, held within the years 0001 to 9999 that RFC 3339 can write.
  public init(milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_999)
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Milliseconds from another moment to this one, negative when the other is later.
  public func milliseconds(since earlier: Timestamp) -> Int64 {
    milliseconds - earlier.milliseconds
  }

  /// This moment moved by some milliseconds.
  public func advanced(byMilliseconds delta: Int64) -> Timestamp {
    let (sum, overflow) = milliseconds.addingReportingOverflow(delta)
    return Timestamp(milliseconds: overflow ? (delta > 0 ? .max : .min) : sum)
  }
}

extension Timestamp: CustomStringConvertible {
  /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction]Z`; decimals past the third are cut off. `nil` for
  /// anything else, other offsets and impossible dates included.
  public init?(_ text: String) { self.init(utf8: text.utf8) }

  /// Reads the same from UTF-8.
  init?(utf8: some Sequence<UInt8>) {
    var reader = DigitReader(bytes: Array(utf8))
    guard
      let year = reader.number(4), reader.skip("-"),
      let month = reader.number(2), (1...12).contains(month), reader.skip("-"),
      let day = reader.number(2), reader.skip("T"),
      let hour = reader.number(2), hour < 24, reader.skip(":"),
      let minute = reader.number(2), minute < 60, reader.skip(":"),
      let second = reader.number(2), second < 60,
      let fraction = reader.fraction(), reader.skip("Z"), reader.isAtEnd
    else { return nil }
    let days = CivilDate.days(year: year, month: month, day: day)
    let date = CivilDate(daysSinceEpoch: days)
    guard year >= 1, date.month == month, date.day == day else { return nil }
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    self.init(milliseconds: seconds * 1000 + fraction)
  }

  public var description: String {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes the same as UTF-8.
  func write(to bytes: inout [UInt8]) {
    let (days, inDay) = milliseconds.flooredDivision(by: 86_400_000)
    let date = CivilDate(daysSinceEpoch: days)
    let time = inDay / 1000
    for (number, digits, end) in [
      (date.year, 4, "-"), (date.month, 2, "-"), (date.day, 2, "T"), (time / 3600, 2, ":"),
      (time / 60 % 60, 2, ":"), (time % 60, 2, "."), (inDay % 1000, 3, "Z"),
    ] as [(Int64, Int, Unicode.Scalar)] {
      var divisor: Int64 = [1, 10, 100, 1000][digits - 1]
      while divisor > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
        divisor /= 10
      }
      bytes.append(UInt8(ascii: end))
    }
  }
}

extension Timestamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let time = Timestamp(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a time is RFC 3339 in UTC")
    }
    self = time
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A date of the proleptic Gregorian calendar and its day number, by Howard Hinnant's
/// `days_from_civil` and `civil_from_days`.
private struct CivilDate {
  var year: Int64
  var month: Int64
  var day: Int64

  init(daysSinceEpoch days: Int64) {
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = year.flooredDivision(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

private struct DigitReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func number(_ digits: Int) -> Int64? {
    guard position + digits <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[position..<position + digits] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    position += digits
    return value
  }

  mutating func skip(_ expected: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: expected) else { return false }
    position += 1
    return true
  }

  /// Milliseconds from an optional fraction of one to nine digits.
  mutating func fraction() -> Int64? {
    guard skip(".") else { return 0 }
    var value: Int64 = 0
    var digits = 0
    while digits < 9, let digit = number(1) {
      if digits < 3 { value = value * 10 + digit }
      digits += 1
    }
    guard digits > 0 else { return nil }
    for _ in digits..<max(3, digits) { value *= 10 }
    return value
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
