import MartletProtocol
import ServerCore

extension ServerConfiguration {
  /// What the settings say.
  ///
  /// - Throws: ``OperatorError`` when they do not go together.
  init(_ settings: Settings) throws(OperatorError) {
    self.init(dataDirectory: settings.text(.dataDirectory) ?? DataDirectory.usualPath)
    listen = settings.text(.listen).flatMap(ListenAddress.init(argument:)) ?? listen
    metricsListen = settings.text(.metricsListen).flatMap(ListenAddress.init(argument:))
    databaseURL = settings.text(.databaseURL)
    if let problem = databaseURL.flatMap(PostgresConnection.problem) {
      throw OperatorError("--database-url is no connection string of PostgreSQL: \(problem).")
    }
    attachmentsDirectory = settings.text(.attachmentsDirectory) ?? attachmentsDirectory
    allowsPlaintext = settings.isOn(.allowPlaintext)
    proxies = settings.text(.trustedProxies).flatMap(TrustedProxies.init) ?? proxies
    switch (settings.text(.tlsCertificate), settings.text(.tlsKey)) {
    case (let certificate?, let key?): tls = TLSFiles(certificate: certificate, key: key)
    case (nil, nil): tls = nil
    case (_?, nil), (nil, _?):
      throw OperatorError("--tls-certificate and --tls-key go together; one of them is missing.")
    }
    limits = Limits(
      textBytes: Int(settings.number(.maxTextBytes)), imageBytes: settings.number(.maxImageBytes),
      audioBytes: settings.number(.maxAudioBytes),
      passwordCharacters: Int(settings.number(.minPasswordCharacters)),
      signInMilliseconds: 1000 * Int(settings.number(.signInSeconds)),
      pingMilliseconds: 1000 * Int(settings.number(.pingSeconds)),
      pongMilliseconds: 1000 * Int(settings.number(.pongSeconds)))
    cap = ConnectionCap(
      total: settings.text(.maxConnections).flatMap { Int($0) } ?? ConnectionCap.usualTotal,
      perAddress: Int(settings.number(.maxConnectionsPerAddress)))
    policy = Chat.Policy(settings)
  }
}

extension Chat.Policy {
  init(_ settings: Settings) {
    self.init(
      registration: settings.text(.registration).map(Registration.init(rawValue:)) ?? .open,
      attachmentQuota: settings.number(.attachmentQuota), auditDays: settings.number(.auditDays))
  }
}
