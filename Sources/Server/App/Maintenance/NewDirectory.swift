import Glibc
import SystemPackage

/// A directory that is there once it is whole: half a backup is none.
enum NewDirectory {
  /// Has `fill` write to a directory beside the one that is wanted, closed to others, and puts that in its
  /// place when all is on the disk.
  ///
  /// - Throws: ``OperatorError`` when there is something of that name, and what `fill` throws; then nothing
  ///   is left.
  static func make<Value>(
    _ name: String, _ fill: (_ unfinished: String) async throws(OperatorError) -> Value
  ) async throws(OperatorError) -> Value {
    // `FilePath` drops slashes at the end: what is beside it is not in it.
    let path = FilePath(name).string
    guard access(path, F_OK) != 0 else {
      throw OperatorError("\(path) is there already; name a new directory.")
    }
    let parent = FilePath(name).removingLastComponent().string
    guard parent.isEmpty || access(parent, W_OK | X_OK) == 0 else {
      throw .system("write to", parent)
    }
    let unfinished = path + ".unfinished"
    try await PostgresPrograms.removeDirectory(unfinished)
    do throws(OperatorError) {
      try DataDirectory.makeDirectory(unfinished, mode: 0o700)
      let value = try await fill(unfinished)
      try await runTool("sync", ["--file-system", unfinished])
      guard rename(unfinished, path) == 0 else { throw .system("make", path) }
      return value
    } catch {
      // The first error is the one to be told.
      do { try await PostgresPrograms.removeDirectory(unfinished) } catch {}
      throw error
    }
  }
}
