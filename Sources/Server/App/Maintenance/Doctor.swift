import ArgumentParser
import CClock
import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import NIOPosix
import NIOSSL
import ServerCore

/// `martletd doctor`: what is wrong, or soon will be.
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at all that the server needs, and say what is wrong.",
    discussion: "Ends with 1 when something is. What is only worth a look does not count.")

  @Flag(help: "Print JSON.") var json = false
  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run() async throws {
    let findings: [Finding]
    do throws(OperatorError) {
      findings = await Examination(try await flags.configuration()).findings()
      if json {
        try Report.json(findings)
      } else {
        print(
          Report.table(findings.map { [$0.verdict.rawValue.uppercased(), $0.subject, $0.words] }))
      }
    } catch {
      throw error.report()
    }
    guard !findings.contains(where: { $0.verdict == .wrong }) else { throw ExitCode(1) }
  }
}

/// What was found out about one thing.
struct Finding: Codable, Equatable {
  enum Verdict: String, Codable {
    case fine
    /// It works, and is worth a look.
    case look
    case wrong
  }

  let subject: String
  let verdict: Verdict
  /// What there is, and what to do about it.
  let words: String

  init(_ subject: String, _ verdict: Verdict, _ words: String) {
    self.subject = subject
    self.verdict = verdict
    self.words = words
  }
}

/// The looking.
struct Examination {
  /// Less is worth a look, and what PostgreSQL needs to go on at all is wrong, in bytes.
  static let littleSpace: Int64 = 1_000_000_000
  static let noSpace: Int64 = 100_000_000
  /// When a certificate is to be renewed at the latest, in seconds.
  static let renewal: Int64 = 14 * 86_400
  /// How far the clocks of database and server may be apart, in milliseconds: beyond, people see
  /// messages of the future.
  static let clockDifference: Int64 = 2000

  private let configuration: ServerConfiguration

  init(_ configuration: ServerConfiguration) {
    self.configuration = configuration
  }

  func findings() async -> [Finding] {
    var findings: [Finding] = []
    do throws(OperatorError) {
      if try await Administrator.isListening(in: configuration.dataDirectory) {
        findings.append(await answering())
      } else {
        findings.append(Finding("server", .look, "None runs on this data directory."))
        findings += await ports()
      }
    } catch {
      // What is told as ours to see would not be true.
      return [Finding("server", .wrong, error.description)]
    }
    findings += directory()
    findings += attachments()
    findings += await database()
    findings.append(contentsOf: certificate(now: Int64(time(nil))))
    findings.append(clock())
    findings.append(openFiles())
    return findings
  }

  // MARK: The server

  private func answering() async -> Finding {
    let server = Administrator.server(
      socket: ControlSocket.path(in: configuration.dataDirectory))
    let answer = await attempt { () async throws(OperatorError) in
      _ = try await server.perform(ReadStatistics(), within: .seconds(10))
    }
    return switch answer {
    case .success: Finding("server", .fine, "It runs.")
    case .failure(let error): Finding("server", .wrong, error.description)
    }
  }

  /// Whether the server that does not run could listen.
  private func ports() async -> [Finding] {
    let group = MultiThreadedEventLoopGroup.singleton
    let wanted: [(setting: Setting, address: ListenAddress?, allowsPlaintext: Bool)] = [
      (.listen, configuration.listen, configuration.allowsPlaintext || configuration.tls != nil),
      (.metricsListen, configuration.metricsListen, true),
    ]
    var findings: [Finding] = []
    for (setting, address, allowsPlaintext) in wanted {
      guard let address else { continue }
      let result = await attempt { () async throws(OperatorError) in
        try await Listener.check(
          address, as: setting, allowingPlaintext: allowsPlaintext, group: group)
      }
      switch result {
      case .success: findings.append(Finding(setting.rawValue, .fine, "\(address) is free."))
      case .failure(let error):
        findings.append(Finding(setting.rawValue, .wrong, error.description))
      }
    }
    return findings
  }

  // MARK: Disk

  private func attachments() -> [Finding] {
    let path = configuration.attachmentsDirectory
    var status = stat()
    guard stat(path, &status) == 0 else {
      // The database may know better, below.
      return []
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      return [Finding("attachments", .wrong, "\(path) is not a directory.")]
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      return [Finding("attachments", .wrong, "This user may not write to \(path).")]
    }
    return [Finding("attachments", .fine, path)]
      + (path.hasPrefix(configuration.dataDirectory + "/") ? [] : [space(in: path)])
  }

  private func directory() -> [Finding] {
    let path = configuration.dataDirectory
    var status = stat()
    guard stat(path, &status) == 0 else {
      return [
        Finding(
          "data directory", .look, "There is no \(path) yet; the first start makes it.")
      ]
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      return [Finding("data directory", .wrong, "\(path) is not a directory.")]
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      return [
        Finding(
          "data directory", .wrong,
          "This user may not write to \(path); run this as the one as whom the server runs.")
      ]
    }
    guard status.st_mode & 0o022 == 0 else {
      return [
        Finding("data directory", .wrong, "Others may write to \(path); run 'chmod go-w' on it.")
      ]
    }
    return [Finding("data directory", .fine, path), space(in: path)]
  }

  private func space(in path: String) -> Finding {
    var system = statvfs()
    guard statvfs(path, &system) == 0 else {
      return Finding("disk", .look, "It cannot be told how full it is.")
    }
    guard system.f_flag & UInt(ST_RDONLY) == 0 else {
      return Finding("disk", .wrong, "It is mounted read-only.")
    }
    if system.f_files > 0, system.f_favail == 0 {
      return Finding("disk", .wrong, "It has no inodes left; remove small files.")
    }
    return Self.finding(free: Int64(clamping: system.f_bavail) * Int64(clamping: system.f_frsize))
  }

  static func finding(free: Int64) -> Finding {
    let words = "\(Report.bytes(free)) are free."
    guard free >= noSpace else {
      return Finding("disk", .wrong, words + " The database stops without any; make room.")
    }
    return free < littleSpace
      ? Finding("disk", .look, words + " Make room before it is none.")
      : Finding("disk", .fine, words)
  }

  // MARK: Database

  private func database() async -> [Finding] {
    guard configuration.databaseURL != nil || PrivateCluster.exists(in: configuration.dataDirectory)
    else {
      let programs = await attempt { () async throws(OperatorError) in
        try PostgresPrograms.find(version: nil)
      }
      switch programs {
      case .success(let programs):
        return [
          Finding(
            "database", .look,
            "There is none yet; the first start makes one with PostgreSQL \(programs.version).")
        ]
      case .failure(let error): return [Finding("database", .wrong, error.description)]
      }
    }
    let result = await attempt { () async throws(OperatorError) -> [Finding] in
      try await HeldDatabase.with(configuration, logger: .onStandardError(.error)) {
        database throws(OperatorError) in
        try Self.examine(database.connectionString, files: database.attachmentsDirectory)
      }
    }
    switch result {
    case .success(let findings): return findings
    case .failure(let error): return [Finding("database", .wrong, error.description)]
    }
  }

  private static func examine(
    _ connectionString: String, files: String
  ) throws(OperatorError) -> [Finding] {
    do {
      let connection = try PostgresConnection(connectionString)
      let version = connection.serverVersion
      guard version >= 150_000 else {
        return [
          Finding(
            "database", .wrong,
            "It is PostgreSQL \(version / 10_000); martletd needs 15 or later.")
        ]
      }
      var findings = [
        Finding("database", .fine, "PostgreSQL \(version / 10_000).\(version % 10_000) answers.")
      ]
      let schema = try Migrator.schema(of: connection)
      findings.append(finding(schema: schema))
      guard let facts = try connection.execute(ReadFacts()).first else { return findings }
      findings.append(
        facts.encoding == "UTF8"
          ? Finding("encoding", .fine, facts.encoding)
          : Finding("encoding", .wrong, "\(facts.encoding); make a database with UTF8."))
      if !facts.mayCreate {
        findings.append(
          Finding(
            "permissions", .wrong,
            "This role may make no tables; make it the owner: ALTER DATABASE ... OWNER TO ...."))
      }
      if schema == Migrator.newest, access(files, R_OK | X_OK) != 0,
        try !connection.execute(ListWholeAttachments()).isEmpty
      {
        findings.append(
          Finding(
            "attachments", .wrong,
            "\(files) is not there, and the database knows of files that should be in it."))
      }
      findings.append(
        facts.isDurable
          ? Finding("durability", .fine, "What is acknowledged survives a loss of power.")
          : Finding(
            "durability", .wrong,
            "fsync or synchronous_commit is off: acknowledged messages can be lost."))
      findings.append(
        finding(difference: Timestamp.now.milliseconds(since: facts.now)))
      return findings
    } catch {
      throw OperatorError("It cannot be reached: \(error)")
    }
  }

  static func finding(schema: Int64) -> Finding {
    switch schema {
    case Migrator.newest: Finding("schema", .fine, "\(schema), the newest.")
    case 0: Finding("schema", .look, "None yet; the next start makes it.")
    case ..<Migrator.newest:
      Finding(
        "schema", .look, "\(schema) of \(Migrator.newest); the next start brings it up to date.")
    default:
      Finding(
        "schema", .wrong,
        "\(schema), made by a newer martletd; this one knows up to \(Migrator.newest). Upgrade it.")
    }
  }

  static func finding(difference: Int64) -> Finding {
    abs(difference) <= clockDifference
      ? Finding("database clock", .fine, "The same as this machine's.")
      : Finding(
        "database clock", .wrong,
        "\(abs(difference)) ms \(difference > 0 ? "behind" : "before") this machine's; set both by NTP."
      )
  }

  // MARK: This machine

  private func certificate(now: Int64) -> [Finding] {
    guard let files = configuration.tls else {
      return [
        configuration.allowsPlaintext
          ? Finding(
            "TLS", .look,
            "None: passwords pass in the clear, unless a proxy before the server ends TLS.")
          : Finding("TLS", .fine, "None, and only this machine is listened to.")
      ]
    }
    do {
      _ = try files.load(logger: .onStandardError(.error))
      guard let leaf = try NIOSSLCertificate.fromPEMFile(files.certificate).first else { return [] }
      return [Self.finding(expiry: Int64(leaf.notValidAfter), now: now)]
    } catch {
      return [Finding("TLS", .wrong, "\(error)")]
    }
  }

  static func finding(expiry: Int64, now: Int64) -> Finding {
    let day = "\(Timestamp(milliseconds: expiry * 1000))".prefix(10)
    let left = expiry - now
    guard left > 0 else {
      return Finding("TLS", .wrong, "The certificate expired on \(day); renew it, and send SIGHUP.")
    }
    return left < renewal
      ? Finding("TLS", .look, "The certificate expires on \(day); renew it.")
      : Finding("TLS", .fine, "The certificate is good until \(day).")
  }

  private func clock() -> Finding {
    switch clock_synchronization() {
    case 1: Finding("clock", .fine, "Kept right by NTP.")
    case 0: Finding("clock", .look, "Nobody keeps it right; run an NTP client, such as chrony.")
    default: Finding("clock", .look, "The system does not say whether it is right.")
    }
  }

  private func openFiles() -> Finding {
    let room = OpenFileLimit.connections(of: OpenFileLimit.raise())
    return room < configuration.cap.total
      ? Finding(
        "open files", .look,
        "The limit leaves room for \(room) connections of \(configuration.cap.total); raise LimitNOFILE."
      )
      : Finding("open files", .fine, "There is room for \(configuration.cap.total) connections.")
  }
}
