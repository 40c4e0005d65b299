import FoundationEssentials
import NIOSSL
import TestSupport
import Testing

@testable import MartletClient

struct KeyFingerprintTests {
  /// The examples of FIPS 180-2, appendix B, the empty message, and lengths round a block's end.
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    ("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    ("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
  ])
  func digestIsThatOfTheStandard(unit: String, count: Int, hex: String) {
    let message = Array(repeating: Array(unit.utf8), count: count).flatMap { $0 }
    let digits = SHA256.digest(of: message).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    #expect(digits.joined() == hex)
  }

  @Test func fingerprintIsThatOfOpenSSLAndSurvivesARenewal() throws {
    let first = try TestCertificate.server()
    let renewed = try TestCertificate.server("DNS:renamed.example", withKeyOf: first, days: 9)
    for certificate in [first, renewed] {
      let fingerprint = try KeyFingerprint(
        of: try #require(try NIOSSLCertificate.fromPEMFile(certificate.certificate).first))
      #expect(fingerprint.description == (try first.fingerprint()))
      #expect(KeyFingerprint(fingerprint.description) == fingerprint)
    }
  }

  @Test(arguments: [
    "", "SHA256:", "SHA256:AAAA", "MD5:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!",
    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AAAA",
  ])
  func whatIsNoFingerprintIsNotReadAsOne(text: String) {
    #expect(KeyFingerprint(text) == nil)
  }
}
