import FoundationEssentials
import MartletClient
import MartletProtocol
import TUICore

/// Drafts and outbox of one account as Martlet 0.1 kept them, to be read once: they are in the
/// ``OutboxDatabase`` since.
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
    var file: StoredFile?

    var message: OutgoingMessage {
      OutgoingMessage(
        target: target, key: key, text: text, writtenAt: writtenAt, file: file?.outgoing)
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

  /// What was kept; `nil` when there is no file.
  ///
  /// - Throws: When what is there cannot be used. It stays, under another name.
  func load() throws -> SavedState? {
    do {
      guard let bytes = try PrivateFile.read(path) else { return nil }
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

  /// Forgets it, once it is kept elsewhere.
  func remove() throws(SystemError) { try PrivateFile.remove(path) }
}
