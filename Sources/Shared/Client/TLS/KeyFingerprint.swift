import FoundationEssentials
import NIOSSL

/// The SHA-256 of a server's public key, as `ssh` writes it: `SHA256:` and base64 without padding.
///
/// It is taken over the SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), not over the certificate: a
/// certificate that is renewed with the same key keeps its fingerprint.
public struct KeyFingerprint: Hashable, Sendable, CustomStringConvertible {
  private static let prefix = "SHA256:"
  private static let byteCount = 32

  private let bytes: [UInt8]

  /// Reads what ``description`` writes; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    let digits = text.dropFirst(Self.prefix.count)
    guard let data = Data(base64Encoded: "\(digits)="), data.count == Self.byteCount else {
      return nil
    }
    bytes = Array(data)
    // The last digit has bits to spare, and one key has one name only.
    guard description == text else { return nil }
  }

  /// The fingerprint of a certificate's key.
  init(of certificate: NIOSSLCertificate) throws {
    bytes = SHA256.digest(of: try certificate.extractPublicKey().toSPKIBytes())
  }

  public var description: String {
    Self.prefix + Data(bytes).base64EncodedString().prefix { $0 != "=" }
  }
}
