import FoundationEssentials
import Glibc
import MartletClient

/// A session's token at rest, tied to the server that it is for.
struct TokenFile: Sendable {
  private let path: String

  /// What is stored.
  private struct Content: Codable {
    var server: String
    var name: String
    var token: String
  }

  init(in directory: String) {
    path = "\(directory)/token"
  }

  /// A session at a server, and whose it is.
  struct Session: Hashable, Sendable {
    let token: String
    let name: String
  }

  /// Whether there is no token at all, for whatever server.
  var isMissing: Bool { access(path, F_OK) != 0 }

  /// The session at a server; `nil` when there is none, or only one for another server: a token is
  /// never shown to a server that did not make it.
  ///
  /// - Throws: ``StartError`` when the file cannot be trusted.
  func session(for server: ServerAddress) throws(StartError) -> Session? {
    let bytes: [UInt8]?
    do {
      bytes = try PrivateFile.read(path)
    } catch let refusal as PrivateFile.Refusal {
      throw StartError("The token in \(path) is not used, because \(refusal.words); remove it.")
    } catch {
      throw StartError("The token cannot be read: \(error).")
    }
    // A file that was damaged is worth no more than none: signing in writes a new one.
    guard let bytes, let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)),
      content.server == server.description
    else { return nil }
    return Session(token: content.token, name: content.name)
  }

  /// Keeps a token.
  func store(_ token: String, name: String, for server: ServerAddress) throws {
    let content = Content(server: server.description, name: name, token: token)
    try PrivateFile.write(try JSONEncoder().encode(content), to: path)
  }

  /// Forgets the token.
  func forget() throws(SystemError) { try PrivateFile.remove(path) }
}
