extension LocalTime {
  /// `09:41`.
  var clock: String { "\(twoDigits(hour)):\(twoDigits(minute))" }

  func isSameDay(as other: LocalTime) -> Bool {
    (year, month, day) == (other.year, other.month, other.day)
  }
}

/// A number from 0 to 99 with a leading zero.
func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
