import CCrypto
import ServerCore

/// Session tokens: 256 random bits, which need no salt and no slow hash.
struct TokenMint: TokenMinting {
  func mint() -> (token: String, hash: [UInt8]) {
    let token = Base64.encodeURLSafe(randomBytes(32))
    return (token, hash(of: token))
  }

  func hash(of token: String) -> [UInt8] {
    let bytes = Array(token.utf8)
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256(bytes, bytes.count, &digest)
    return digest
  }
}
