import Glibc
import Synchronization

/// Where the tests of this process keep their files.
///
/// Directories are made in one place, which a shell of its own removes when this process is gone,
/// however it goes; databases that still run there are stopped first.
public enum TestDirectory {
  private static let made = Mutex(0)

  /// A path in a fresh directory. The directory may be entered by everybody: started by root, a
  /// database runs as another user.
  public static func make(_ name: String = "data") throws -> String {
    let directory = "\(try root.get())/\(made.withLock { $0 += 1; return $0 })"
    guard mkdir(directory, 0o711) == 0, chmod(directory, 0o711) == 0 else {
      throw Failure("cannot make \(directory)")
    }
    return "\(directory)/\(name)"
  }

  /// What makes a shell wait until the tests' process is gone. One that its parent has not waited for yet is
  /// gone, too: the parent may itself wait for those whom the shell is to end.
  public static let shellWait =
    "while grep -qs '^State:.[^Z]' /proc/\(getpid())/status; do sleep 1; done"

  private static let root = Result { () throws -> String in
    var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("cannot make a directory in /tmp") }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard chmod(path, 0o711) == 0 else { throw Failure("cannot open up \(path)") }
    try removeWhenGone(path)
    return path
  }

  /// Leaves a shell behind that looks after the directory. It is in a session of its own, so that
  /// what ends the tests at the terminal does not end it.
  private static func removeWhenGone(_ path: String) throws {
    let script = """
      \(shellWait)
      for pid in $(find '\(path)' -name postmaster.pid -exec head -n 1 {} ';'); do
        kill -CONT $pid; kill -INT $pid
      done
      left=50
      while [ $left -gt 0 ] && [ -n "$(find '\(path)' -name postmaster.pid)" ]; do
        sleep 0.2; left=$((left - 1))
      done
      rm -rf '\(path)'
      """
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // `POSIX_SPAWN_SETSID`, which does not import.
    posix_spawnattr_setflags(&attributes, 0x80)
    let arguments = ["sh", "-c", script]
    let words = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    guard posix_spawnp(nil, "sh", &actions, &attributes, words + [nil], environ) == 0 else {
      throw Failure("cannot start a shell")
    }
  }
}
