import FoundationEssentials
import MartletClient
import MartletProtocol
import TUICore

/// What one account typed and sent that the server does not have yet: drafts and outbox.
///
/// The file is named for the server's address, the identity of its database, and the user. The same
/// number means somebody else on another server, or on the same one after a new database: a message
/// meant for one may not go to the other.
struct SavedStateFile: Sendable {
  private let path: String
  private let owner: Owner

  private struct Owner: Codable, Hashable {
    var server: String
    var serverID: String
    var user: UserID
  }

  private struct Content: Codable {
    var owner: Owner
    var drafts: [Draft]
    var outbox: [Entry]
  }

  private struct Draft: Codable {
    var target: Target
    var text: String
  }

  private struct Entry: Codable {
    var target: Target
    var key: IdempotencyKey
    var text: String
    var writtenAt: Timestamp
    var file: File?

    init(_ message: OutgoingMessage) {
      target = message.target
      key = message.key
      text = message.text
      writtenAt = message.writtenAt
      file = message.file.map(File.init)
    }

    var message: OutgoingMessage {
      OutgoingMessage(
        target: target, key: key, text: text, writtenAt: writtenAt, file: file?.outgoing)
    }
  }

  /// The file of a message: here, at the server, or both.
  private struct File: Codable {
    var local: LocalFile?
    var uploaded: Attachment?

    init(_ file: OutgoingFile) {
      switch file {
      case .local(let file): local = file
      case .uploaded(let attachment, let file): (uploaded, local) = (attachment, file)
      }
    }

    var outgoing: OutgoingFile? {
      uploaded.map { .uploaded($0, of: local) } ?? local.map(OutgoingFile.local)
    }
  }

  init(in directory: String, server: ServerAddress, serverID: String, user: UserID) {
    owner = Owner(server: server.description, serverID: serverID, user: user)
    // The name only has to differ; that it is the right file is checked in the file.
    let place = "\(server) \(serverID)".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3  // FNV-1a
    }
    path = "\(directory)/saved-\(String(place, radix: 16))-\(user)"
  }

  /// What was kept; empty when nothing was.
  ///
  /// - Throws: When what is there cannot be used. It stays, under another name where that is possible,
  ///   as the next ``store(_:)`` would overwrite it.
  func load() throws -> SavedState {
    do {
      guard let bytes = try PrivateFile.read(path) else { return SavedState() }
      let content = try JSONDecoder().decode(Content.self, from: Data(bytes))
      guard content.owner == owner else { throw PrivateFile.Refusal.notOurs }
      return SavedState(
        drafts: Dictionary(content.drafts.map { ($0.target, $0.text) }, uniquingKeysWith: { $1 }),
        outbox: content.outbox.map(\.message))
    } catch {
      try PrivateFile.rename(path, to: "\(path).damaged")
      throw error
    }
  }

  /// Keeps it, in the place of what was kept before.
  func store(_ state: SavedState) throws {
    guard !state.drafts.isEmpty || !state.outbox.isEmpty else {
      return try PrivateFile.remove(path)
    }
    let content = Content(
      owner: owner,
      drafts: state.drafts.map { Draft(target: $0.key, text: $0.value) },
      outbox: state.outbox.map(Entry.init))
    try PrivateFile.write(try JSONEncoder().encode(content), to: path)
  }
}
