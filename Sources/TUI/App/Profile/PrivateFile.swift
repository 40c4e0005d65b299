import Glibc

/// Files that only their owner may read, replaced as a whole or not at all.
enum PrivateFile {
  /// Why a file is not to be trusted.
  enum Refusal: Error, Equatable {
    /// It is a symbolic link.
    case symbolicLink
    /// It is no regular file, or belongs to somebody else.
    case notOurs
    /// The group or everybody may read or write it.
    case tooOpen
    /// It is larger than anything Martlet writes.
    case tooLarge

    /// Why, for people.
    var words: String {
      switch self {
      case .symbolicLink: "it is a symbolic link"
      case .notOurs: "it is no regular file of yours"
      case .tooOpen: "others may read it"
      case .tooLarge: "it is far too large"
      }
    }
  }

  /// The largest file read, in bytes.
  private static let maximumBytes = 64 << 20

  /// Reads a file; `nil` when there is none.
  ///
  /// - Throws: ``Refusal``, or ``SystemError``.
  static func read(_ path: String) throws -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      switch errno {
      case ENOENT: return nil
      case ELOOP: throw Refusal.symbolicLink
      case let code: throw SystemError(call: "open \(path)", code: code)
      }
    }
    defer { Glibc.close(descriptor) }
    var status = stat()
    try SystemError.check("fstat \(path)") { fstat(descriptor, &status) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
      throw Refusal.notOurs
    }
    guard status.st_mode & 0o077 == 0 else { throw Refusal.tooOpen }
    guard status.st_size <= maximumBytes else { throw Refusal.tooLarge }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = try SystemError.check("read \(path)") {
        Glibc.read(descriptor, &buffer, buffer.count)
      }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= maximumBytes else { throw Refusal.tooLarge }
    }
  }

  /// Puts a file with mode 0600 in the place of whatever is there; after a crash it is the old one or
  /// the new one.
  static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(SystemError) {
    // The process's own name, so that two clients do not write into one temporary file.
    let temporary = "\(path).\(getpid()).new"
    unlink(temporary)
    let descriptor = try SystemError.check("open \(temporary)") {
      open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    do {
      defer { Glibc.close(descriptor) }
      try writeAll(bytes, to: descriptor)
      try SystemError.check("fsync \(temporary)") { fsync(descriptor) }
    } catch {
      unlink(temporary)
      throw error
    }
    try rename(temporary, to: path)
    try syncDirectory(of: path)
  }

  /// Gives a file another name, whatever had that before.
  static func rename(_ path: String, to new: String) throws(SystemError) {
    try SystemError.check("rename \(path)") { Glibc.rename(path, new) }
  }

  /// Removes a file, if there is one.
  static func remove(_ path: String) throws(SystemError) {
    guard unlink(path) != 0, errno != ENOENT else { return }
    throw SystemError(call: "unlink \(path)", code: errno)
  }

  /// Makes a directory with mode 0700, and those above it as the umask has them.
  static func makeDirectory(_ path: String) throws(SystemError) {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      var status = stat()
      let parent = String(path[..<slash])
      if stat(parent, &status) != 0 { try makeDirectory(parent) }
    }
    guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
    throw SystemError(call: "mkdir \(path)", code: errno)
  }

  /// Makes a directory, if need be, that is its owner's alone, also when it was there and was not.
  ///
  /// - Throws: ``SystemError`` also for a link, and for a directory of somebody else's.
  static func makePrivateDirectory(_ path: String) throws(SystemError) {
    try makeDirectory(path)
    var status = stat()
    try SystemError.check("stat \(path)") { lstat(path, &status) }
    try close(path, status, to: 0o077)
  }

  /// Makes a directory, if need be, in which nobody else can put one of theirs in the place of ours. It
  /// may be a link, such as to another disk, to a directory of which the same is true.
  ///
  /// - Throws: ``SystemError`` also for a directory of somebody else's.
  static func makeOwnDirectory(_ path: String) throws(SystemError) {
    try makeDirectory(path)
    var status = stat()
    try SystemError.check("stat \(path)") { stat(path, &status) }
    try close(path, status, to: 0o022)
  }

  /// Takes rights of others away from a directory of ours.
  private static func close(
    _ path: String, _ status: stat, to rights: mode_t
  ) throws(SystemError) {
    guard status.st_mode & S_IFMT == S_IFDIR else { throw SystemError(call: path, code: ENOTDIR) }
    guard status.st_uid == geteuid() else { throw SystemError(call: path, code: EPERM) }
    guard status.st_mode & rights != 0 else { return }
    try SystemError.check("chmod \(path)") { chmod(path, status.st_mode & 0o777 & ~rights) }
  }

  /// Makes a rename durable.
  private static func syncDirectory(of path: String) throws(SystemError) {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = try SystemError.check("open \(directory)") {
      open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    defer { Glibc.close(descriptor) }
    try SystemError.check("fsync \(directory)") { fsync(descriptor) }
  }
}
