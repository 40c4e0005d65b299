import Glibc
import MartletMedia
import MartletProtocol
import NIOCore
import NIOPosix
import ServerCore

/// The files of attachments: each in one directory, named by its id, with `.partial` behind it until it is
/// whole and was found to be what it says. Several servers may share the directory.
///
/// No name comes from outside. The calls block: they run on threads of its own, by ``run(_:)``, and
/// nobody has more than one waiting.
final class FileStore: Sendable {
  /// How many files are worked on at a time.
  private static let threads = 4

  private let directory: Int32
  private let threads = NIOThreadPool(numberOfThreads: FileStore.threads)
  private let write: OpenFile.Write

  /// - Throws: ``OperatorError`` when the directory cannot be had.
  init(
    in path: String,
    writingWith write: @escaping OpenFile.Write = { pwrite($0, $1, $2, $3) }
  ) throws(OperatorError) {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw OperatorError("Cannot make \(path): \(String(cString: strerror(errno))).")
    }
    directory = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard directory >= 0 else {
      throw OperatorError("Cannot open \(path): \(String(cString: strerror(errno))).")
    }
    self.write = write
    threads.start()
  }

  deinit { Glibc.close(directory) }

  /// Does something with files on a thread where that may take its time.
  func run<Value: Sendable>(
    _ job: @escaping @Sendable (FileStore) throws -> Value
  ) async throws -> Value {
    try await threads.runIfActive { [self] in try job(self) }
  }

  /// Finishes what is under way, and refuses what comes.
  func close() async throws { try await threads.shutdownGracefully() }

  /// How many bytes of a file are there.
  func arrived(of id: AttachmentID) throws(FileError) -> Int64 {
    for name in [Self.partial(id), Self.whole(id)] {
      var status = stat()
      if fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
        return Int64(status.st_size)
      }
      guard errno == ENOENT else { throw .last("stat") }
    }
    return 0
  }

  /// Opens what has arrived of a file for more, and makes it if nothing has. Nobody else, on another server
  /// neither, has it open for more meanwhile.
  ///
  /// - Throws: ``FileError/busy`` when somebody has.
  func openPartial(_ id: AttachmentID) throws(FileError) -> OpenFile {
    let file = try open(Self.partial(id), O_RDWR | O_CREAT)
    try file.lock(waiting: false)
    // It may have been made whole, or removed, before it was locked.
    guard try file.isNamed(Self.partial(id), in: directory) else { throw .busy }
    return file
  }

  /// Opens a whole file.
  func openWhole(_ id: AttachmentID) throws(FileError) -> OpenFile {
    try open(Self.whole(id), O_RDONLY)
  }

  /// Makes a file whole whose last byte has arrived: it is on the disk, is what it is to be, and has
  /// its name for good. It may have been so before, should the server have been killed behind it.
  ///
  /// - Throws: ``FileError`` or `MediaFault`.
  func seal(_ id: AttachmentID, as format: AttachmentFormat) throws -> MediaInspection {
    let file: OpenFile
    do throws(FileError) {
      file = try open(Self.partial(id), O_RDWR)
    } catch {
      guard case .missing = error else { throw error }
      return try inspect(try openWhole(id), as: format)
    }
    // What is looked at is not written to any more.
    try file.lock(waiting: true)
    guard try file.isNamed(Self.partial(id), in: directory) else {
      // Another server was at it, and has finished.
      return try inspect(try openWhole(id), as: format)
    }
    let inspection = try inspect(file, as: format)
    try file.synchronize()
    try rename(Self.partial(id), to: Self.whole(id))
    return inspection
  }

  /// Removes a file, whole or not, if it is there.
  func remove(_ id: AttachmentID) throws(FileError) {
    for name in [Self.partial(id), Self.whole(id)] {
      guard unlinkat(directory, name, 0) == 0 || errno == ENOENT else { throw .last("unlink") }
    }
  }

  /// Whether the files are those of a database, which the first one that asks makes them.
  ///
  /// - Parameter identifier: the database's name for ever.
  func belong(toDatabase identifier: String) throws(FileError) -> Bool {
    do throws(FileError) {
      let note = try open(Self.note, O_RDONLY).read(at: 0, count: 100)
      return String(buffer: note) == identifier
    } catch {
      guard case .missing = error else { throw error }
    }
    // It has its name once it is whole and on the disk: half a note would be that of no database.
    let note = try open(Self.note + Self.ending, O_RDWR | O_CREAT | O_TRUNC)
    try note.write(ByteBuffer(string: identifier), at: 0)
    try note.synchronize()
    try rename(Self.note + Self.ending, to: Self.note)
    return true
  }

  /// The files that are there, whole or not, in no order.
  func list() throws(FileError) -> [AttachmentID] {
    // Closed by `closedir`; a duplicate of ours would share its place in the directory.
    let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { throw .last("open") }
    guard let entries = fdopendir(copy) else {
      Glibc.close(copy)
      throw .last("opendir")
    }
    defer { closedir(entries) }
    var found: [AttachmentID] = []
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let stem = name.hasSuffix(Self.ending) ? name.dropLast(Self.ending.count) : name[...]
      if let id = AttachmentID(stem) { found.append(id) }
    }
    return found
  }

  private static let note = "database"
  private static let ending = ".partial"
  private static func whole(_ id: AttachmentID) -> String { id.description }
  private static func partial(_ id: AttachmentID) -> String { id.description + ending }

  private func open(_ name: String, _ flags: Int32) throws(FileError) -> OpenFile {
    // Not blocking, should a pipe lie there.
    let descriptor = openat(directory, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .last("open") }
    return try OpenFile(descriptor, writingWith: write)
  }

  private func rename(_ name: String, to newName: String) throws(FileError) {
    guard renameat(directory, name, directory, newName) == 0 else { throw .last("rename") }
    guard fsync(directory) == 0 else { throw .last("fsync") }
  }

  private func inspect(_ file: OpenFile, as format: AttachmentFormat) throws -> MediaInspection {
    try MediaInspector.inspect(
      FileBytes(file: file, count: try file.length()), as: format)
  }
}

/// A file as ``MediaInspector`` reads it.
private struct FileBytes: RandomAccessBytes {
  let file: OpenFile
  let count: Int64

  func read(at offset: Int64, count: Int) throws -> [UInt8] {
    Array(buffer: try file.read(at: offset, count: count))
  }
}
