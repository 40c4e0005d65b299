import Glibc

/// Tells systemd how the service is, by the protocol of sd_notify(3): datagrams on the socket that
/// `NOTIFY_SOCKET` names. Without one it says nothing.
struct ServiceManager: Sendable {
  enum State {
    case ready, reloading, stopping
    /// The service is alive; due at least once in ``watchdogInterval``.
    case alive
  }

  /// The path of the socket; one that begins with `@` is in the abstract namespace.
  private let socketPath: String?
  /// How often systemd wants to hear that the service is alive; `nil` for never.
  let watchdogInterval: Duration?

  init(environment: [String: String]) {
    socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    // Of another process than the one that is asked, after a fork.
    let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
    watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
      .flatMap { $0 > 0 && isForUs ? .microseconds($0) : nil }
  }

  /// Says so, and in a sentence what that means if there is one. That it cannot be said changes nothing.
  func tell(_ state: State, status: String? = nil) {
    var lines: [String]
    switch state {
    case .ready: lines = ["READY=1"]
    case .reloading: lines = ["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds)"]
    case .stopping: lines = ["STOPPING=1"]
    case .alive: lines = ["WATCHDOG=1"]
    }
    if let status { lines.append("STATUS=\(status)") }
    send(lines.joined(separator: "\n"))
  }

  private func send(_ text: String) {
    guard let socketPath else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socketPath.utf8)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.count < capacity else { return }
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = MemoryLayout<sa_family_t>.size + path.count
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = sendto(
          descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, socklen_t(length))
      }
    }
  }

  private static var monotonicMicroseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}
