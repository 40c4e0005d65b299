import FoundationEssentials
import Glibc

/// A certificate and its key in PEM files of a test's own, made by `openssl`.
public struct TestCertificate: Sendable {
  /// The path of the certificate.
  public let certificate: String
  /// The path of its key.
  public let key: String

  private init(in directory: String) {
    certificate = "\(directory)/certificate.pem"
    key = "\(directory)/key.pem"
  }

  /// One that may vouch for others.
  public static func authority() throws -> TestCertificate {
    let made = TestCertificate(in: try directory())
    try shell(
      "openssl req -x509 \(newKey) -days 2 -subj /CN=authority -keyout '\(made.key)' -out '\(made.certificate)'"
    )
    return made
  }

  /// One of a server.
  ///
  /// - Parameters:
  ///   - names: whom it is for, as OpenSSL writes them: `DNS:name`, `IP:address`.
  ///   - authority: who signs it; `nil` has it sign itself.
  ///   - owner: whose key it gets; `nil` makes a new one.
  ///   - days: for how long it is good, from now; -1 for one that has expired.
  public static func server(
    _ names: String = "DNS:localhost,IP:127.0.0.1", signedBy authority: TestCertificate? = nil,
    withKeyOf owner: TestCertificate? = nil, days: Int = 2
  ) throws -> TestCertificate {
    let directory = try directory()
    let made = TestCertificate(in: directory)
    if let owner {
      try shell("cp '\(owner.key)' '\(made.key)'")
    } else {
      try shell("openssl genpkey \(keyKind) -out '\(made.key)'")
    }
    let request = "\(directory)/request.pem"
    try shell(
      "openssl req -new -key '\(made.key)' -subj /CN=server -addext 'subjectAltName=\(names)' -out '\(request)'"
    )
    let signer =
      authority.map { "-CA '\($0.certificate)' -CAkey '\($0.key)' -CAcreateserial" }
      ?? "-signkey '\(made.key)'"
    try shell(
      "openssl x509 -req -in '\(request)' \(signer) -copy_extensions copy -days \(days) -out '\(made.certificate)'"
    )
    return made
  }

  /// The fingerprint of the key as `openssl` finds it, in the form of `ssh`.
  public func fingerprint() throws -> String {
    let digest = "\(key).digest"
    try Self.shell(
      "openssl pkey -in '\(key)' -pubout -outform DER | openssl dgst -sha256 -binary >'\(digest)'")
    let text = try Data(contentsOf: URL(filePath: digest)).base64EncodedString()
    return "SHA256:" + text.prefix { $0 != "=" }
  }

  /// Puts another pair in the place of this one.
  public func replace(with other: TestCertificate) throws {
    try Self.shell("cp '\(other.certificate)' '\(certificate)' && cp '\(other.key)' '\(key)'")
  }

  /// Does something to the files, as a shell command.
  public func damage(_ command: String) throws { try Self.shell(command) }

  private static let keyKind = "-algorithm EC -pkeyopt ec_paramgen_curve:prime256v1"
  private static let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

  private static func directory() throws -> String {
    let path = try TestDirectory.make("tls")
    guard mkdir(path, 0o700) == 0 else { throw Failure("cannot make \(path)") }
    return path
  }

  private static func shell(_ script: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    let arguments = ["sh", "-c", script]
    let words = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    var status: Int32 = 0
    guard posix_spawnp(&process, "sh", &actions, nil, words + [nil], environ) == 0,
      waitpid(process, &status, 0) == process, status == 0
    else { throw Failure("failed: \(script)") }
  }
}
