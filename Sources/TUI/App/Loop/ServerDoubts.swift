import Logging
import MartletClient
import Synchronization
import TUICore

/// What is known of the server's key, and what it means that another one answers.
final class ServerDoubts: Sendable {
  private let server: ServerAddress
  private let knownHosts: KnownHosts
  private let logger: Logger
  /// What was last found in the file, and what the user said and could not be written down.
  private let keys: Mutex<(written: KeyFingerprint?, said: KeyFingerprint?)>

  /// - Parameter known: what was found in the file at start.
  init(
    server: ServerAddress, knownHosts: KnownHosts, known: KeyFingerprint?, logger: Logger
  ) {
    keys = Mutex((known, nil))
    self.server = server
    self.knownHosts = knownHosts
    self.logger = logger
  }

  /// The key that the server must have, by what stands in the file now; `nil` leaves it to the roots.
  /// While the file cannot be read, it is the one of before: no damage to a file makes a known server
  /// an unknown one.
  var key: KeyFingerprint? {
    do {
      let found = try entry()?.key
      return keys.withLock { keys in
        keys.written = found
        return found ?? keys.said
      }
    } catch {
      logger.error("the server's key cannot be read", metadata: ["error": "\(error)"])
      return keys.withLock { $0.written ?? $0.said }
    }
  }

  /// Takes the user's word for a key.
  ///
  /// - Returns: the key to want, and whether it is written down.
  func trust(_ key: KeyFingerprint) -> (key: KeyFingerprint, isKept: Bool) {
    do {
      return (try knownHosts.add(key, for: server), true)
    } catch {
      logger.error("the server's key cannot be stored", metadata: ["error": "\(error)"])
      keys.withLock { $0.said = key }
      return (key, false)
    }
  }

  /// What the user is to be asked or told.
  func doubt(about server: UntrustedServer) -> ServerDoubt {
    switch server {
    case .unknown(let key): .unknown(fingerprint: key.description)
    case .changed(let key):
      // Where the line is gone meanwhile, or cannot be read, there is nothing better to name.
      .changed(
        fingerprint: key.description, file: knownHosts.path, line: (try? entry()?.line) ?? 1)
    case .outOfDate: .outOfDate
    case .otherName: .otherName
    }
  }

  private func entry() throws(StartError) -> KnownHosts.Entry? {
    server.usesTLS ? try knownHosts.entry(for: server) : nil
  }
}
