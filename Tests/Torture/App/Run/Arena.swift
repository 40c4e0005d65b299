import Glibc

/// Where a trial takes place: a directory of its own, and a shell that puts an end to everything in it
/// when the trial is over, however it ends.
final class Arena: Sendable {
  let path: String
  /// The data directory is on a small disk of its own, which can be filled.
  let hasSmallDisk: Bool
  private let guardian: ChildProcess

  var dataDirectory: String { path + "/data" }

  /// Makes the directory, and as root a small disk in memory for the data.
  init() throws {
    var template = Array("/tmp/martlet-torture-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("make a directory in /tmp") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // Started by root, the database runs as another user.
    guard chmod(path, 0o711) == 0 else { throw SystemFailure("open up \(path)") }
    guard mkdir(path + "/data", 0o711) == 0 else { throw SystemFailure("make \(path)/data") }
    hasSmallDisk =
      getuid() == 0
      && mount("martlet-torture", path + "/data", "tmpfs", 0, "size=768m,mode=711") == 0
    guardian = try ChildProcess(
      "sh", ["-c", Self.guarding, "sh", path], log: path + "/guardian.log")
  }

  /// Waits for the end of its input, then kills whatever has the directory in its command line. The
  /// data goes with its disk; the rest stays if it is to be looked at.
  private static let guarding = """
    while read -r line; do :; done
    end() {
      for process in /proc/[0-9]*; do
        if [ "${process#/proc/}" != $$ ] &&
          tr '\\0' ' ' <"$process/cmdline" 2>/dev/null | grep -qF "$1/"; then
          kill -CONT "${process#/proc/}"
          kill -KILL "${process#/proc/}"
        fi
      done
    }
    end "$1"
    sleep 1
    end "$1"
    left=50
    while mountpoint -q "$1/data" && ! umount "$1/data" && [ $left -gt 0 ]; do
      sleep 0.2
      left=$((left - 1))
    done
    mountpoint -q "$1/data" && exit 1
    if [ -e "$1/keep" ]; then rm -rf "$1/data"; else rm -rf "$1"; fi
    """

  /// Leaves the evidence where it is, for people.
  func keep() {
    let file = open(path + "/keep", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    if file >= 0 { close(file) }
  }

  /// Puts an end to everything in the directory, and waits for it.
  func end() async throws {
    guardian.closeInput()
    _ = try await guardian.waitUntilEnded(atMost: .seconds(30))
  }

  /// Fills the small disk to the last byte.
  func fillDisk() {
    let ballast = dataDirectory + "/ballast"
    let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    // In ever smaller pieces, until there is no room for one of any size.
    var size = 64 << 20
    var end = 0
    while size >= 4096 {
      if posix_fallocate(file, end, size) == 0 { end += size } else { size /= 2 }
    }
  }

  /// Makes room again.
  func freeDisk() { unlink(dataDirectory + "/ballast") }
}
