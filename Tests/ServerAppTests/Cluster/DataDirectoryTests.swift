import Glibc
import TestSupport
import Testing

@testable import ServerApp

@Suite struct DataDirectoryTests {
  @Test func aDirectoryBelongsToOneServer() throws {
    let path = try TestDirectory.make()
    let first = try DataDirectory(path: path)
    let error = #expect(throws: OperatorError.self) { try DataDirectory(path: path) }
    #expect(error?.description.contains("--data-directory") == true)
    withExtendedLifetime(first) {}
  }

  @Test func aReleasedClaimIsFree() throws {
    let path = try TestDirectory.make()
    let first = try DataDirectory(path: path)
    first.release()
    _ = try DataDirectory(path: path)
    withExtendedLifetime(first) {}
  }

  @Test func aClaimEndsWithItsOwner() throws {
    let path = try TestDirectory.make()
    do { _ = try DataDirectory(path: path) }
    _ = try DataDirectory(path: path)
  }

  @Test func theWayThereIsMade() throws {
    let path = try TestDirectory.make() + "/a/b//c/"
    let directory = try DataDirectory(path: path)
    #expect(access(directory.path, W_OK) == 0)
  }

  @Test func aFileInTheWayIsNamed() throws {
    let path = try TestDirectory.make()
    close(open(path, O_CREAT | O_WRONLY, 0o600))
    for blocked in [path, path + "/data"] {
      let error = #expect(throws: OperatorError.self) { try DataDirectory(path: blocked) }
      #expect(error?.description.contains(path) == true)
    }
  }

  @Test func theLockIsNoLink() throws {
    let path = try TestDirectory.make()
    guard mkdir(path, 0o700) == 0, symlink("/etc/hostname", path + "/lock") == 0 else {
      throw Failure("cannot set up \(path)")
    }
    #expect(throws: OperatorError.self) { try DataDirectory(path: path) }
  }

  @Test(arguments: [mode_t(0o770), 0o702, 0o1777])
  func aDirectoryThatOthersMayWriteToIsNotUsed(mode: mode_t) throws {
    let path = try TestDirectory.make()
    guard mkdir(path, 0o700) == 0, chmod(path, mode) == 0 else { throw Failure("no \(path)") }
    let error = #expect(throws: OperatorError.self) { try DataDirectory(path: path) }
    #expect(error?.description.contains("chmod go-w") == true)
    #expect(access(path + "/lock", F_OK) != 0)
  }

  @Test(.enabled(if: getuid() == 0)) func aDirectoryOfSomebodyElseIsNotUsed() throws {
    let path = try TestDirectory.make()
    guard mkdir(path, 0o700) == 0, chown(path, 65_534, 65_534) == 0 else {
      throw Failure("no \(path)")
    }
    #expect(throws: OperatorError.self) { try DataDirectory(path: path) }
    // By way of a link to it, too.
    guard symlink(path, path + "-link") == 0 else { throw Failure("no link") }
    #expect(throws: OperatorError.self) { try DataDirectory(path: path + "-link") }
  }
}
