import Glibc

/// The programs of a trial, and what it runs on.
struct Programs: Sendable {
  /// This program, which is each client's, too.
  let torture: String
  let martletd: String

  init(martletd: String?) throws {
    var target = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &target, target.count)
    guard length > 0 else { throw SystemFailure("find this program") }
    torture = String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    let directory = torture.split(separator: "/").dropLast().joined(separator: "/")
    self.martletd = martletd ?? "/\(directory)/martletd"
    guard access(self.martletd, X_OK) == 0 else { throw SystemFailure("run \(self.martletd)") }
  }

  /// A port on loopback that is free, and that the system gives to nobody for an outgoing connection:
  /// one to a server that is down would else connect to itself once in a while, and take its place.
  static func freePort() throws -> Int {
    for _ in 0..<100 {
      let port = Int.random(in: 20_000..<32_000)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = UInt16(port).bigEndian
      name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let bound = withUnsafePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if bound == 0 { return port }
    }
    throw SystemFailure("find a free port")
  }

  /// Today, in UTC.
  static var date: String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 16)
    let length = strftime(&text, text.count, "%Y-%m-%d", &parts)
    return String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The machine, for the report.
  static var machine: String {
    var name = utsname()
    uname(&name)
    let release = withUnsafeBytes(of: &name.release) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    #if DEBUG
      let build = "debug"
    #else
      let build = "release"
    #endif
    return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, Linux \(release), \(build) build"
  }
}
