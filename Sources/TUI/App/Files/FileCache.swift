import Glibc
import MartletClient
import MartletProtocol
import TUICore

/// Fetched files of a profile, in a directory that only its owner may enter.
///
/// They have the names of their identifiers, with an ending by which other programs know what they
/// are.
struct FileCache: Sendable {
  let directory: String

  /// Where a file is, or will be.
  func path(of attachment: Attachment) -> String {
    let ending = attachment.format.map { ".\($0.fileExtensions[0])" } ?? ""
    return "\(directory)/\(attachment.id)\(ending)"
  }

  /// Where it is while it arrives.
  static func partialPath(of path: String) -> String { AttachmentTransfers.partialPath(of: path) }

  func prepare() throws(SystemError) { try PrivateFile.makePrivateDirectory(directory) }

  func isWhole(_ attachment: Attachment) -> Bool {
    var status = stat()
    return lstat(path(of: attachment), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && Int64(status.st_size) == attachment.size
  }

  /// Removes what earlier runs have fetched; what they began to fetch stays for a day, to be gone on
  /// with.
  func removeOld() {
    let oldest = time(nil) - Self.partLifetime
    remove { name in
      var status = stat()
      return !Self.isPart(name) || lstat("\(directory)/\(name)", &status) != 0
        || status.st_mtim.tv_sec < oldest
    }
  }

  func removeAll() { remove { _ in true } }

  func remove(_ ids: Set<AttachmentID>) {
    remove { name in ids.contains { name.hasPrefix($0.description) } }
  }

  /// Removes what was begun to be fetched and is not being fetched now.
  func removeParts(besides ids: Set<AttachmentID>) {
    remove { name in Self.isPart(name) && !ids.contains { name.hasPrefix($0.description) } }
  }

  /// In seconds.
  private static let partLifetime = 86_400

  private static func isPart(_ name: String) -> Bool { name.hasSuffix(partialPath(of: "")) }

  /// A file that cannot be removed is in a private directory, and is tried again at the next start.
  private func remove(_ isUnwanted: (String) -> Bool) {
    for entry in LocalDisk.entries(of: directory) where !entry.isDirectory && isUnwanted(entry.name)
    {
      unlink("\(directory)/\(entry.name)")
    }
  }
}
