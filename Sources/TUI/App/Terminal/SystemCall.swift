import Glibc

/// A call to the system that failed.
struct SystemError: Error, CustomStringConvertible {
  /// The call.
  let call: String
  /// What `errno` said.
  let code: Int32

  /// The call and the system's words for the failure.
  var description: String { "\(call): \(String(cString: strerror(code)))" }

  /// Makes a call that fails with -1, again for as long as signals interrupt it.
  @discardableResult
  static func check<Value: SignedInteger>(_ call: String, _ body: () -> Value) throws(SystemError)
    -> Value
  {
    while true {
      let value = body()
      guard value == -1 else { return value }
      let code = errno
      guard code == EINTR else { throw SystemError(call: call, code: code) }
    }
  }
}

/// Writes all bytes to a descriptor.
func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32) throws(SystemError) {
  var rest = ArraySlice(Array(bytes))
  while !rest.isEmpty {
    let count = try SystemError.check("write") {
      rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
    rest = rest.dropFirst(count)
  }
}
