import FoundationEssentials
import Glibc
import TestSupport

/// What Linux tells of processes and sockets.
enum Processes {
  /// What a process has open, as `/proc` names it: `socket:[4711]` for a socket.
  static func openFiles(of process: pid_t) throws -> [String] {
    let directory = "/proc/\(process)/fd"
    var targets: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      var target = [CChar](repeating: 0, count: 1024)
      let length = readlink("\(directory)/\(name)", &target, target.count)
      // One may have been closed meanwhile.
      guard length > 0 else { continue }
      targets.append(
        String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    return targets
  }

  /// The socket that listens on an IPv4 port, named as ``openFiles(of:)`` does.
  static func socket(listeningOn port: Int) throws -> String {
    let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
    let suffix = ":" + String(port, radix: 16, uppercase: true)
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      // The local address, the state LISTEN and the inode: proc_pid_net(5).
      if fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" {
        return "socket:[\(fields[9])]"
      }
    }
    throw Failure("nobody listens on \(port)")
  }

  /// The postmaster of a cluster, while it has one.
  static func postmaster(ofClusterIn dataDirectory: String) -> pid_t? {
    let file = dataDirectory + "/postgres/postmaster.pid"
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
    return text.split(separator: "\n").first.flatMap { pid_t($0) }
  }
}
