import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (1_795_426_860_123, "2026-11-23T09:41:00.123Z"),
      (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func isWrittenAndReadAsRFC3339(_ milliseconds: Int64, _ text: String) throws {
    let time = Timestamp(milliseconds: milliseconds)
    #expect(time.description == text)
    #expect(Timestamp(text) == time)
    #expect(try JSONEncoder().encode(time).text == "\"\(text)\"")
    #expect(try JSONDecoder().decode(Timestamp.self, from: "\"\(text)\"".frame) == time)
  }

  @Test(
    arguments: [
      ("2026-11-23T09:41:00Z", 0),
      ("2026-11-23T09:41:00.5Z", 500),
      ("2026-11-23T09:41:00.25Z", 250),
      ("2026-11-23T09:41:00.123456Z", 123),
      ("2026-11-23T09:41:00.999999999Z", 999),
    ] as [(String, Int64)])
  func readsAnyNumberOfDecimalsUpToNine(_ text: String, _ fraction: Int64) {
    #expect(Timestamp(text) == Timestamp(milliseconds: 1_795_426_860_000 + fraction))
  }

  @Test(arguments: [
    "", "now", "0", "2026-11-23", "2026-11-23T09:41Z", "2026-11-23 09:41:00Z",
    "2026-11-23T09:41:00", "2026-11-23T09:41:00+00:00", "2026-11-23T09:41:00.123+08:00",
    "2026-11-23t09:41:00z", "2026-11-23T09:41:00.Z", "2026-11-23T09:41:00.1234567890Z",
    "2026-11-23T09:41:00.123Z ", " 2026-11-23T09:41:00.123Z", "02026-11-23T09:41:00Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
    "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "0000-01-01T00:00:00Z",
    "2026-11-23T24:00:00Z", "2026-11-23T09:60:00Z", "2026-11-23T09:41:60Z",
    "-026-11-23T09:41:00Z", "２０２６-11-23T09:41:00Z",
  ])
  func refusesEverythingElse(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test(arguments: [1600, 2000, 2004, 2024, 2400])
  func knowsLeapYears(_ year: Int) {
    #expect(Timestamp("\(year)-02-29T00:00:00Z") != nil)
    #expect(Timestamp("\(year)-02-30T00:00:00Z") == nil)
  }

  @Test func readsWhatItPrintsAtAnyMoment() {
    var generator = SeededGenerator(seed: 4)
    var previous: (time: Timestamp, text: String)?
    let moments = (0..<20_000).map { _ in
      Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &generator)
    }
    for moment in moments.sorted() {
      let time = Timestamp(milliseconds: moment)
      let text = time.description
      #expect(Timestamp(text) == time)
      // Written to a fixed width, the texts sort as the times do.
      if let previous { #expect(previous.text <= text && previous.time <= time) }
      previous = (time, text)
    }
  }

  @Test func everyDayFollowsTheOneBefore() {
    var expected: (year: Int, month: Int, day: Int) = (1999, 12, 31)
    for day in 0..<(146_097) {
      let (year, month) = (expected.year, expected.month)
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      if expected.day < lengths[month - 1] {
        expected.day += 1
      } else {
        expected = month < 12 ? (year, month + 1, 1) : (year + 1, 1, 1)
      }
      let time = Timestamp(milliseconds: 946_684_800_000 + Int64(day) * 86_400_000)
      let parts = time.description.prefix(10).split(separator: "-").compactMap { Int($0) }
      guard parts == [expected.year, expected.month, expected.day] else {
        Issue.record("\(time) is not \(expected)")
        return
      }
    }
  }

  @Test func staysWithinTheYearsThatCanBeWritten() {
    #expect(Timestamp(milliseconds: .min).description == "0001-01-01T00:00:00.000Z")
    #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
    let time = Timestamp(milliseconds: 5)
    #expect(time.advanced(byMilliseconds: .max) == Timestamp(milliseconds: .max))
    #expect(
      Timestamp(milliseconds: -5).advanced(byMilliseconds: .min) == Timestamp(milliseconds: .min))
    #expect(time.advanced(byMilliseconds: -7) == Timestamp(milliseconds: -2))
  }

  @Test func differencesAreSigned() {
    let (early, late) = (Timestamp(milliseconds: -10), Timestamp(milliseconds: 15))
    #expect(late.milliseconds(since: early) == 25)
    #expect(early.milliseconds(since: late) == -25)
  }
}
