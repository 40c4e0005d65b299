import Glibc
import MartletClient

/// The keys of servers that the user has vouched for: one line each, `host:port SHA256:…`, in a file
/// that all profiles share, as it is the machine that meets a server and not an account.
///
/// Lines are added under a lock, so that two clients do not lose each other's; they are only ever
/// removed by hand.
struct KnownHosts: Sendable {
  /// A server's line.
  struct Entry: Hashable, Sendable {
    let key: KeyFingerprint
    /// From 1.
    let line: Int
  }

  /// The file.
  let path: String

  init(in stateDirectory: String) { path = "\(stateDirectory)/known_hosts" }

  /// What is known of a server; `nil` when it was never vouched for.
  ///
  /// - Throws: ``StartError`` when the file cannot be trusted, or the server's line not be read: then it
  ///   may not be taken for none.
  func entry(for server: ServerAddress) throws(StartError) -> Entry? {
    for (index, line) in try lines().enumerated() {
      let words = line.split(separator: " ")
      guard words.first == Substring(server.authority) else { continue }
      guard words.count == 2, let key = KeyFingerprint(words[1]) else {
        throw StartError("Line \(index + 1) of \(path) cannot be read; remove it.")
      }
      return Entry(key: key, line: index + 1)
    }
    return nil
  }

  /// Writes a server's key down.
  ///
  /// - Returns: the key that is written down: another client may have been quicker, with another one.
  func add(
    _ key: KeyFingerprint, for server: ServerAddress
  ) throws(StartError) -> KeyFingerprint {
    let lock = try words {
      try SystemError.check("open \(path).lock") {
        open("\(path).lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
    }
    // Closing lets go of it.
    defer { close(lock) }
    try words { _ = try SystemError.check("flock \(path).lock") { flock(lock, LOCK_EX) } }
    if let known = try entry(for: server) { return known.key }
    let text = (try lines() + ["\(server.authority) \(key)", ""]).joined(separator: "\n")
    try words { try PrivateFile.write(text.utf8, to: path) }
    return key
  }

  /// The file's lines, those that are no server's included.
  private func lines() throws(StartError) -> [String] {
    let bytes = try words { try PrivateFile.read(path) } ?? []
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return lines.last == "" ? lines.dropLast() : lines
  }

  private func words<Value>(_ body: () throws -> Value) throws(StartError) -> Value {
    do {
      return try body()
    } catch let refusal as PrivateFile.Refusal {
      throw StartError("\(path) is not used, because \(refusal.words); remove it.")
    } catch {
      throw StartError("\(path) cannot be used: \(error).")
    }
  }
}
