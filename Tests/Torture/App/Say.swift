import Glibc

/// Tells people what goes on, with the time of day.
func say(_ words: String) {
  var now = time(nil)
  var local = tm()
  localtime_r(&now, &local)
  var clock = [CChar](repeating: 0, count: 16)
  let length = strftime(&clock, clock.count, "%H:%M:%S", &local)
  let time = String(decoding: clock.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  // Not `stderr`, which the compiler holds for a variable that anybody may set.
  let line = Array("==> \(time) \(words)\n".utf8)
  _ = write(2, line, line.count)
}
