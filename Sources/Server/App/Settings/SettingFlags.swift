import ArgumentParser

/// The settings as flags of a command.
struct SettingFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file with settings, a line NAME=value each and # before comments; "
        + "\(Settings.usualFile) if it is there. Also taken from \(Settings.fileVariable).",
      valueName: "file"), completion: .file())
  var config: String?

  @Option(help: .of(.listen)) var listen: String?
  @Option(help: .of(.dataDirectory), completion: .of(.dataDirectory)) var dataDirectory: String?
  @Option(help: .of(.databaseURL)) var databaseURL: String?
  @Option(help: .of(.attachmentsDirectory), completion: .of(.attachmentsDirectory))
  var attachmentsDirectory: String?
  @Option(help: .of(.tlsCertificate), completion: .of(.tlsCertificate)) var tlsCertificate: String?
  @Option(help: .of(.tlsKey), completion: .of(.tlsKey)) var tlsKey: String?
  @Flag(inversion: .prefixedNo, help: .of(.allowPlaintext)) var allowPlaintext: Bool?
  @Option(help: .of(.trustedProxies)) var trustedProxies: String?
  @Option(help: .of(.registration), completion: .of(.registration)) var registration: String?
  @Option(help: .of(.minPasswordCharacters)) var minPasswordCharacters: String?
  @Option(help: .of(.maxTextBytes)) var maxTextBytes: String?
  @Option(help: .of(.maxImageBytes)) var maxImageBytes: String?
  @Option(help: .of(.maxAudioBytes)) var maxAudioBytes: String?
  @Option(help: .of(.attachmentQuota)) var attachmentQuota: String?
  @Option(help: .of(.auditDays)) var auditDays: String?
  @Option(help: .of(.maxConnections)) var maxConnections: String?
  @Option(help: .of(.maxConnectionsPerAddress)) var maxConnectionsPerAddress: String?
  @Option(help: .of(.signInSeconds)) var signInSeconds: String?
  @Option(help: .of(.pingSeconds)) var pingSeconds: String?
  @Option(help: .of(.pongSeconds)) var pongSeconds: String?
  @Option(help: .of(.metricsListen)) var metricsListen: String?
  @Option(help: .of(.logLevel), completion: .of(.logLevel)) var logLevel: String?
  @Option(help: .of(.logFormat), completion: .of(.logFormat)) var logFormat: String?

  /// Those that were given.
  var given: [Setting: String] {
    var given: [Setting: String] = [:]
    for setting in Setting.allCases { given[setting] = self[setting] }
    return given
  }

  private subscript(_ setting: Setting) -> String? {
    switch setting {
    case .listen: listen
    case .dataDirectory: dataDirectory
    case .databaseURL: databaseURL
    case .attachmentsDirectory: attachmentsDirectory
    case .tlsCertificate: tlsCertificate
    case .tlsKey: tlsKey
    case .allowPlaintext: allowPlaintext.map { $0 ? "yes" : "no" }
    case .trustedProxies: trustedProxies
    case .registration: registration
    case .minPasswordCharacters: minPasswordCharacters
    case .maxTextBytes: maxTextBytes
    case .maxImageBytes: maxImageBytes
    case .maxAudioBytes: maxAudioBytes
    case .attachmentQuota: attachmentQuota
    case .auditDays: auditDays
    case .maxConnections: maxConnections
    case .maxConnectionsPerAddress: maxConnectionsPerAddress
    case .signInSeconds: signInSeconds
    case .pingSeconds: pingSeconds
    case .pongSeconds: pongSeconds
    case .metricsListen: metricsListen
    case .logLevel: logLevel
    case .logFormat: logFormat
    }
  }
}

extension ArgumentHelp {
  fileprivate static func of(_ setting: Setting) -> ArgumentHelp {
    var help = setting.help
    var valueName = setting.kind.valueName
    if case .choice(let words) = setting.kind {
      help += " One of \(words.joined(separator: ", "))."
      valueName = "word"
    }
    if let usual = setting.usual, setting != .dataDirectory, setting.kind != .yesOrNo {
      help += " (default: \(usual))"
    }
    return ArgumentHelp("\(help)", valueName: valueName)
  }
}

extension CompletionKind {
  /// What a shell offers for the value of a setting.
  fileprivate static func of(_ setting: Setting) -> CompletionKind {
    switch setting.kind {
    case .text("file"): .file()
    case .text("directory"): .directory
    case .choice(let words): .list(words)
    case .text, .address, .networks, .yesOrNo, .number: .default
    }
  }
}
