import Glibc
import MartletProtocol
import TUICore

/// The user's own clock and calendar, by the TZ of the process.
enum LocalClock {
  /// What the clock on the wall said at a moment.
  static func localTime(of timestamp: Timestamp) -> LocalTime {
    // Floored, so that the last second before 1970 is one of 1969.
    var seconds = time_t((timestamp.milliseconds - (timestamp.milliseconds < 0 ? 999 : 0)) / 1000)
    var fields = tm()
    localtime_r(&seconds, &fields)
    return LocalTime(
      year: Int(fields.tm_year) + 1900, month: Int(fields.tm_mon) + 1, day: Int(fields.tm_mday),
      weekday: Int(fields.tm_wday), hour: Int(fields.tm_hour), minute: Int(fields.tm_min))
  }
}
