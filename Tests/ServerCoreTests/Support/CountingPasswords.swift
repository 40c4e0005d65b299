import ServerCore
import Synchronization

/// Passwords stored as `cost:password`; it counts the hashes made.
final class CountingPasswords: PasswordHashing {
  private let made = Mutex(0)

  var hashes: Int { made.withLock { $0 } }

  func hash(_ password: String) async throws(StoreError) -> String {
    made.withLock { $0 += 1 }
    return "new:" + password
  }

  func verify(_ password: String, against stored: String?) async throws(StoreError) -> Verdict {
    made.withLock { $0 += 1 }
    return switch stored {
    case "new:" + password: .right
    case "old:" + password: .rightButOutdated
    default: .wrong
    }
  }
}

/// Tokens `token 1`, `token 2` and so on, hashed to their bytes backwards.
final class NumberedTokens: TokenMinting {
  private let last = Mutex(0)

  func mint() -> (token: String, hash: [UInt8]) {
    let token = "token \(last.withLock { $0 += 1; return $0 })"
    return (token, hash(of: token))
  }

  func hash(of token: String) -> [UInt8] { token.utf8.reversed() }
}
