import Logging
import MartletProtocol
import ServerCore

/// One thing that an operator can set. It has one name: `--max-connections` on the command line,
/// `MARTLET_MAX_CONNECTIONS` in the environment and in the file.
enum Setting: String, CaseIterable, Sendable {
  case listen
  case dataDirectory = "data-directory"
  case databaseURL = "database-url"
  case attachmentsDirectory = "attachments-directory"
  case tlsCertificate = "tls-certificate"
  case tlsKey = "tls-key"
  case allowPlaintext = "allow-plaintext"
  case trustedProxies = "trusted-proxies"
  case registration
  case minPasswordCharacters = "min-password-characters"
  case maxTextBytes = "max-text-bytes"
  case maxImageBytes = "max-image-bytes"
  case maxAudioBytes = "max-audio-bytes"
  case attachmentQuota = "attachment-quota"
  case auditDays = "audit-days"
  case maxConnections = "max-connections"
  case maxConnectionsPerAddress = "max-connections-per-address"
  case signInSeconds = "sign-in-seconds"
  case pingSeconds = "ping-seconds"
  case pongSeconds = "pong-seconds"
  case metricsListen = "metrics-listen"
  case logLevel = "log-level"
  case logFormat = "log-format"

  /// What values there are.
  enum Kind: Equatable {
    case text(String)
    case address
    /// Addresses and networks, with commas between.
    case networks
    case yesOrNo
    case number(String, ClosedRange<Int64>)
    case choice([String])

    /// What stands for a value in a list.
    var valueName: String {
      switch self {
      case .text(let name), .number(let name, _): name
      case .address: "host:port"
      case .networks: "addresses"
      case .yesOrNo: "yes|no"
      case .choice(let words): words.joined(separator: "|")
      }
    }
  }

  /// The name in the environment and in the file.
  var variable: String {
    "MARTLET_" + rawValue.uppercased().split(separator: "-").joined(separator: "_")
  }

  /// Whether a running server takes a new value on SIGHUP.
  var isReloadable: Bool {
    switch self {
    case .registration, .attachmentQuota, .auditDays, .logLevel, .logFormat: true
    default: false
    }
  }

  /// Whether the value may be shown to whoever looks.
  var isSecret: Bool { self == .databaseURL }

  /// The value where nobody sets one; `nil` where there is none then.
  var usual: String? {
    let limits = Limits()
    return switch self {
    case .listen: "127.0.0.1:\(ListenAddress.usualPort)"
    case .dataDirectory: DataDirectory.usualPath
    case .databaseURL, .attachmentsDirectory, .tlsCertificate, .tlsKey, .trustedProxies,
      .maxConnections, .metricsListen:
      nil
    case .allowPlaintext: "no"
    case .registration: Registration.open.rawValue
    case .minPasswordCharacters: "\(limits.passwordCharacters)"
    case .maxTextBytes: "\(limits.textBytes)"
    case .maxImageBytes: "\(limits.imageBytes)"
    case .maxAudioBytes: "\(limits.audioBytes)"
    case .attachmentQuota: "1000000000"
    case .auditDays: "90"
    case .maxConnectionsPerAddress: "\(ConnectionCap.usualPerAddress)"
    case .signInSeconds: "\(limits.signInMilliseconds / 1000)"
    case .pingSeconds: "\(limits.pingMilliseconds / 1000)"
    case .pongSeconds: "\(limits.pongMilliseconds / 1000)"
    case .logLevel: "\(Logger.Level.info)"
    case .logFormat: LogFormat.logfmt.rawValue
    }
  }

  var kind: Kind {
    switch self {
    case .listen, .metricsListen: .address
    case .dataDirectory, .attachmentsDirectory: .text("directory")
    case .databaseURL: .text("url")
    case .tlsCertificate, .tlsKey: .text("file")
    case .allowPlaintext: .yesOrNo
    case .trustedProxies: .networks
    case .registration: .choice([Registration.open, .invite, .closed].map(\.rawValue))
    case .auditDays: .number("days", 1...36_500)
    // Above, a text does not fit a frame, nor a password what is read of one.
    case .minPasswordCharacters: .number("characters", 8...128)
    case .maxTextBytes: .number("bytes", 1...Int64(Limits().textBytes))
    case .maxImageBytes, .maxAudioBytes, .attachmentQuota: .number("bytes", 0...(1 << 50))
    case .maxConnections, .maxConnectionsPerAddress: .number("connections", 1...10_000_000)
    case .signInSeconds: .number("seconds", 1...300)
    case .pingSeconds, .pongSeconds: .number("seconds", 1...3600)
    case .logLevel: .choice(Logger.Level.allCases.map { "\($0)" })
    case .logFormat: .choice(LogFormat.allCases.map(\.rawValue))
    }
  }

  /// What it does, in a sentence or two.
  var help: String {
    switch self {
    case .listen: "Where to listen, for WebSocket and HTTP alike; [::1]:7788 for IPv6."
    case .dataDirectory:
      "Where the server keeps what is its own; one server per directory. By default "
        + "/var/lib/martlet for root, and .local/share/martlet/server at home for others."
    case .databaseURL:
      "The PostgreSQL (15 or later) to use: a URL or a libpq connection string. Without, the server "
        + "runs one of its own in its data directory."
    case .attachmentsDirectory:
      "Where files are kept; by default in the data directory. Several servers on one database need one "
        + "that all of them have."
    case .tlsCertificate:
      "The certificate to speak TLS with, in PEM: the server's first, then the chain. It is read "
        + "again, with the key, on SIGHUP."
    case .tlsKey: "The key of the certificate, in PEM."
    case .allowPlaintext:
      "Listen beyond this machine without TLS, although passwords would pass in the clear, as behind a "
        + "proxy that ends TLS."
    case .trustedProxies:
      "The proxies that are believed about the address of whoever they ask for, which they say last in "
        + "X-Forwarded-For: 127.0.0.1,10.1.0.0/16. Only such as say so."
    case .registration:
      "Who may make an account: everybody (open), whoever has an invite (invite; see `martletd invite "
        + "create`), or nobody (closed)."
    case .auditDays: "For how many days the audit is kept; see `martletd audit`."
    case .minPasswordCharacters: "The shortest password that is taken for a new one."
    case .maxTextBytes: "The longest message, in bytes of UTF-8."
    case .maxImageBytes: "The largest picture; 0 for none."
    case .maxAudioBytes: "The largest sound; 0 for none."
    case .attachmentQuota: "How many bytes each account's files may have together; 0 for no files."
    case .maxConnections:
      "How many connections there may be; by default \(ConnectionCap.usualTotal), or what the limit of "
        + "open files leaves room for. A client has one, and another while it sends or fetches a file."
    case .maxConnectionsPerAddress:
      "How many of them may come from one IPv4 address, or one IPv6 network of 64 bits, but for this "
        + "machine's own."
    case .signInSeconds: "How long a connection may stay without signing in."
    case .pingSeconds: "How often the server asks whether a client is still there."
    case .pongSeconds: "How long it waits for the answer before it gives the client up."
    case .metricsListen:
      "Where to answer Prometheus, at /metrics, without TLS: an address that only it can reach."
    case .logLevel: "The least severe messages to log."
    case .logFormat: "How a line of the log is written: key=value (logfmt), or an object of JSON."
    }
  }

  /// What is wrong with a value, and what one is; `nil` for a right one.
  func problem(with text: String) -> String? {
    switch kind {
    case .text(let name): text.isEmpty ? "it is empty; give a \(name), or leave it out" : nil
    case .address:
      ListenAddress(argument: text) == nil
        ? "it is no address; write host:port, such as 127.0.0.1:7788 or [::1]:7788" : nil
    case .networks:
      TrustedProxies(text) == nil
        ? "it is no list of addresses; write 127.0.0.1 or 127.0.0.1,10.1.0.0/16" : nil
    case .yesOrNo: Self.truth(of: text) == nil ? "it is neither yes nor no" : nil
    case .number(let name, let range):
      Int64(text).map(range.contains) ?? false
        ? nil : "it is no number of \(name) from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words):
      words.contains(text) ? nil : "it is none of \(words.joined(separator: ", "))"
    }
  }

  /// What a word says; `nil` for another than the usual ones.
  static func truth(of word: String) -> Bool? {
    switch word.lowercased() {
    case "yes", "true", "on", "1": true
    case "no", "false", "off", "0": false
    default: nil
    }
  }
}
