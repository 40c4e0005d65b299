import ArgumentParser
import Glibc
import Logging
import ServerCore
import UnixSignals

/// `martletd serve`: runs the server until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the server until SIGTERM or SIGINT.",
    discussion: """
      Without --database-url the server makes and runs a private PostgreSQL cluster in its data \
      directory, and stops it when it stops.
      """)

  @Option(
    help: ArgumentHelp("Where to listen for WebSocket and HTTP.", valueName: "host:port"))
  var listen = ListenAddress(host: "127.0.0.1", port: ListenAddress.usualPort)

  @Option(help: "Where the server keeps what is its own; one server per directory.")
  var dataDirectory = Serve.usualDataDirectory

  @Option(
    help: ArgumentHelp(
      "The PostgreSQL (15 or later) to use: a URL or a libpq connection string. "
        + "Also taken from DATABASE_URL.", valueName: "url"))
  var databaseURL: String?

  @Option(
    help: ArgumentHelp(
      "The certificate to speak TLS with, in PEM: the server's first, then the chain. It is read "
        + "again, with the key, on SIGHUP.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The key of the certificate, in PEM.", valueName: "file"))
  var tlsKey: String?

  @Flag(
    help: "Listen beyond this machine without TLS, although passwords would pass in the clear.")
  var allowPlaintext = false

  @Flag(
    help: ArgumentHelp(
      "Believe a proxy on this machine about the address of whoever it asks for, which it says last in "
        + "X-Forwarded-For. Only with a proxy, and with one that says so."))
  var trustProxy = false

  @Option(
    help: ArgumentHelp("How many bytes each account's files may have together.", valueName: "bytes")
  )
  var attachmentQuota: Int64 = 1_000_000_000

  @Option(
    help: ArgumentHelp(
      "How many connections there may be; 20000 by default, or what the limit of open files leaves "
        + "room for. A client has one, and another while it sends or fetches a file.",
      valueName: "number"))
  var maxConnections: Int?

  @Option(
    help: ArgumentHelp(
      "How many of them may come from one IPv4 address, or one IPv6 network of 64 bits, but for this "
        + "machine's own.", valueName: "number"))
  var maxConnectionsPerAddress = ConnectionCap.usualPerAddress

  @Option(help: "The least severe messages to log: trace, debug, info, notice, warning or error.")
  var logLevel = Logger.Level.info

  /// The FHS's place for a service run by root, the XDG's for anybody else's.
  static var usualDataDirectory: String {
    if getuid() == 0 { return "/var/lib/martlet" }
    let variable = { (name: String) in getenv(name).map { String(cString: $0) } }
    return (variable("XDG_DATA_HOME") ?? "\(variable("HOME") ?? ".")/.local/share")
      + "/martlet/server"
  }

  func validate() throws {
    guard attachmentQuota >= 0 else {
      throw ValidationError("--attachment-quota is a number of bytes, 0 for no files at all.")
    }
    guard maxConnections ?? 1 > 0, maxConnectionsPerAddress > 0 else {
      throw ValidationError("--max-connections and --max-connections-per-address are 1 or more.")
    }
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together.")
    }
  }

  func run() async throws {
    var logger = Logger(label: "martletd") {
      SafeLogHandler(inner: StreamLogHandler.standardError(label: $0))
    }
    logger.logLevel = logLevel
    var configuration = ServerConfiguration(dataDirectory: dataDirectory)
    configuration.listen = listen
    configuration.databaseURL = databaseURL ?? getenv("DATABASE_URL").map { String(cString: $0) }
    configuration.allowsPlaintext = allowPlaintext
    configuration.trustsProxy = trustProxy
    if let tlsCertificate, let tlsKey {
      configuration.tls = TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }
    configuration.attachmentQuota = attachmentQuota
    configuration.cap = ConnectionCap(
      total: roomForConnections(logger), perAddress: maxConnectionsPerAddress)
    do {
      // Listened for before anything is started, so that nothing started is left behind.
      // Without a certificate SIGHUP has nothing to say, and ends the server as usual.
      let signals = await UnixSignalsSequence(
        trapping: [.sigterm, .sigint] + (configuration.tls == nil ? [] : [.sighup]))
      let server = try await Server.start(configuration, logger: logger)
      logger.notice(
        "serving",
        metadata: [
          "address": "\(server.address)",
          "tls": "\(configuration.tls == nil ? "no" : "yes")",
          "data": "\(dataDirectory)",
          "database": "\(configuration.databaseURL == nil ? "private" : "external")",
        ])
      let result = await withTaskGroup(of: Result<Void, OperatorError>.self) { group in
        group.addTask {
          await attempt { () async throws(OperatorError) in try await server.run() }
        }
        group.addTask {
          for await signal in signals {
            guard signal == .sighup else { break }
            server.reloadCertificate()
          }
          return .success(())
        }
        let first = await group.next() ?? .success(())
        group.cancelAll()
        return first
      }
      await server.stop()
      try result.get()
    } catch {
      logger.critical("\(error.description)")
      throw ExitCode(1)
    }
  }
}

extension Serve {
  private func roomForConnections(_ logger: Logger) -> Int {
    let room = OpenFileLimit.connections(of: OpenFileLimit.raise())
    guard let maxConnections else { return min(room, ConnectionCap.usualTotal) }
    if room < maxConnections {
      logger.warning(
        "the limit of open files leaves room for fewer connections than --max-connections",
        metadata: ["connections": "\(room)"])
    }
    return min(room, maxConnections)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
