import Glibc
import MartletClient
import TUICore

/// Files of this machine that the user names. Every call may wait for the disk.
enum LocalDisk {
  /// More entries of a directory than this are not listed.
  private static let maximumEntries = 10_000
  /// How much is copied at once.
  private static let chunkBytes = 64 * 1024
  /// How many names are tried before giving up.
  private static let maximumNumber = 10_000

  /// What a file is, through symbolic links.
  static func inspect(_ path: String) -> Result<LocalFile, FileProblem> {
    var status = stat()
    guard stat(path, &status) == 0 else { return .failure(FileProblem(code: errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.notRegular) }
    guard access(path, R_OK) == 0 else { return .failure(FileProblem(code: errno)) }
    return .success(
      LocalFile(
        path: path, name: PathText.name(of: path), size: Int64(status.st_size),
        modified: UploadSource.modificationTime(of: status)))
  }

  /// What is in a directory, in no order; nothing where it cannot be read.
  static func entries(of path: String) -> [DirectoryEntry] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var entries: [DirectoryEntry] = []
    while entries.count < maximumEntries, let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != ".." else { continue }
      let type = Int32(entry.pointee.d_type)
      var isDirectory = type == Int32(DT_DIR)
      // Not every file system says what its entries are.
      if type == Int32(DT_LNK) || type == Int32(DT_UNKNOWN) {
        var status = stat()
        isDirectory = stat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      entries.append(DirectoryEntry(name: name, isDirectory: isDirectory))
    }
    return entries
  }

  /// Copies a file into a folder, which is made if need be, under the name or the next that nobody has.
  ///
  /// - Returns: where it is now.
  static func copy(
    _ source: String, into folder: String, as name: String
  ) -> Result<String, FileProblem> {
    do throws(SystemError) {
      try PrivateFile.makeDirectory(folder)
      let input = try SystemError.check("open") {
        open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
      }
      defer { close(input) }
      // Held, so that nothing that takes the folder's place meanwhile is written to.
      let directory = try SystemError.check("open") {
        open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
      defer { close(directory) }
      let (output, name) = try create(name, in: directory)
      defer { close(output) }
      do throws(SystemError) {
        try copy(input, to: output)
      } catch {
        unlinkat(directory, name, 0)
        throw error
      }
      return .success("\(folder)/\(name)")
    } catch {
      return .failure(FileProblem(code: error.code))
    }
  }

  /// Makes a file that was not there, never through a link.
  private static func create(
    _ wanted: String, in directory: Int32
  ) throws(SystemError) -> (descriptor: Int32, name: String) {
    // No name of ours has a slash or is a directory's; whoever hands one over is wrong.
    guard !wanted.contains("/"), wanted != ".", wanted != "..", !wanted.isEmpty else {
      throw SystemError(call: "open", code: EINVAL)
    }
    for number in 1...maximumNumber {
      let name = SafeFileName.numbered(wanted, number)
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let descriptor = openat(directory, name, flags, 0o666)
      if descriptor >= 0 { return (descriptor, name) }
      let code = errno
      guard code == EEXIST || code == EINTR else { throw SystemError(call: "open", code: code) }
    }
    throw SystemError(call: "open", code: EEXIST)
  }

  private static func copy(_ input: Int32, to output: Int32) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: chunkBytes)
    while true {
      let count = try SystemError.check("read") { read(input, &buffer, buffer.count) }
      guard count > 0 else { break }
      try writeAll(buffer[..<count], to: output)
    }
    try SystemError.check("fsync") { fsync(output) }
  }
}

extension FileProblem {
  /// What `errno` means to the user.
  init(code: Int32) {
    self =
      switch code {
      case ENOENT, ENOTDIR: .missing
      case EACCES, EPERM: .noPermission
      case ENOSPC, EDQUOT: .noSpace
      case EROFS: .readOnly
      case EIO: .damagedDisk
      case _: .system(String(cString: strerror(code)))
      }
  }
}
