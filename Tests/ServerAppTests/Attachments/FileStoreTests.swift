import FoundationEssentials
import Glibc
import MartletProtocol
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import ServerApp

@Suite struct FileStoreTests {
  private let id = AttachmentID(high: 1, low: 2)

  private func directory() throws -> String {
    let parent = try TestDirectory.make()
    guard mkdir(parent, 0o700) == 0 else { throw Failure("cannot make \(parent)") }
    return parent + "/files"
  }

  @Test func filesAreTheServersOwnAndNobodyElseReadsThem() throws {
    let path = try directory()
    let store = try FileStore(in: path)
    do {
      let file = try store.openPartial(id)
      try file.write(ByteBuffer(string: "hello"), at: 0)
    }
    var status = stat()
    #expect(stat("\(path)/\(id).partial", &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o600)
    #expect(stat("\(path)", &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o700)
    #expect(try store.arrived(of: id) == 5)
    #expect(try store.openPartial(id).length() == 5)
  }

  @Test func aFileIsWrittenByOneServerAtATime() throws {
    let path = try directory()
    let (first, second) = (try FileStore(in: path), try FileStore(in: path))
    do {
      let file = try first.openPartial(id)
      #expect {
        _ = try second.openPartial(id)
      } throws: { error in
        if case .busy? = error as? FileError { true } else { false }
      }
      withExtendedLifetime(file) {}
    }
    #expect(try second.openPartial(id).length() == 0)
  }

  @Test func theFilesAreThoseOfTheFirstDatabaseAndHalfANoteOfNone() throws {
    let path = try directory()
    let store = try FileStore(in: path)
    // As a crash leaves it.
    try Data("the longer half of a name".utf8)
      .write(to: URL(filePath: path + "/database.partial"))
    #expect(try store.belong(toDatabase: "first"))
    #expect(try !store.belong(toDatabase: "second"))
    #expect(try FileStore(in: path).belong(toDatabase: "first"))
    #expect(try store.list().isEmpty)
  }

  @Test func aLinkIsNotFollowed() throws {
    let path = try directory()
    let store = try FileStore(in: path)
    let target = path + ".secret"
    try Data("secret".utf8).write(to: URL(filePath: target))
    for name in ["\(id)", "\(id).partial"] {
      #expect(symlink(target, "\(path)/\(name)") == 0)
    }
    #expect(throws: FileError.self) { try store.openPartial(id) }
    #expect(throws: FileError.self) { try store.openWhole(id) }
    try store.remove(id)
    #expect(try Data(contentsOf: URL(filePath: target)) == Data("secret".utf8))
    #expect(try store.list().isEmpty)
  }

  @Test func aPipeIsNotWaitedFor() throws {
    let path = try directory()
    let store = try FileStore(in: path)
    #expect(mkfifo("\(path)/\(id)", 0o600) == 0)
    #expect(throws: FileError.self) { try store.openWhole(id) }
  }

  @Test func onAFullDiskWhatWasWrittenStays() throws {
    let room = Mutex(7)
    let store = try FileStore(in: try directory()) { file, bytes, count, offset in
      room.withLock { room in
        guard room > 0 else {
          errno = ENOSPC
          return -1
        }
        let done = pwrite(file, bytes, min(count, room), offset)
        room -= max(0, done)
        return done
      }
    }
    let file = try store.openPartial(id)
    do throws(FileError) {
      try file.write(ByteBuffer(string: "0123456789"), at: 0)
      Issue.record("it was not full")
    } catch {
      guard case .full = error else { throw error }
    }
    #expect(try store.arrived(of: id) == 7)
    room.withLock { $0 = 100 }
    try file.write(ByteBuffer(string: "789"), at: 7)
    #expect(String(buffer: try file.read(at: 0, count: 99)) == "0123456789")
  }
}
