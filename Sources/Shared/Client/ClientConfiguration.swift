public import Logging
public import MartletProtocol
public import NIOCore
import NIOPosix

/// What a ``Client`` needs to know before it starts.
public struct ClientConfiguration: Sendable {
  /// The server.
  public var address: ServerAddress
  /// The client's name and version, for the server's log.
  public var name: String
  /// What the owner will see in the list of sessions, such as a host name.
  public var device: String
  /// What each connection waits for and accepts.
  public var connection: ConnectionOptions
  /// How long to wait between attempts.
  public var backoff: BackoffPolicy
  /// Clocks and chance.
  public var time: ClientTime
  /// The threads to run on; by default one, shared by all clients of the process.
  public var group: any EventLoopGroup
  /// Where causes are written; nowhere by default.
  public var logger: Logger
  /// Asked before each resume: the newest message held without a gap, per conversation, the most
  /// recent conversation first; those past ``Client/maximumCursors`` are left out.
  public var cursors: @Sendable () async -> [Resume.Cursor]

  /// A configuration with the defaults for a person at a terminal.
  public init(
    address: ServerAddress, name: String, device: String,
    group: (any EventLoopGroup)? = nil,
    cursors: @escaping @Sendable () async -> [Resume.Cursor] = { [] }
  ) {
    self.address = address
    self.name = name
    self.device = device
    self.group = group ?? Self.thread
    self.cursors = cursors
    connection = ConnectionOptions()
    backoff = BackoffPolicy()
    time = .system
    logger = Logger(label: "martlet.client") { _ in SwiftLogNoOpLogHandler() }
  }

  /// One connection keeps no thread busy, and NIO's own group has one per core.
  private static let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
}

/// How a ``Client`` signs in.
public enum Credentials: Hashable, Sendable {
  /// With the account's name and password; makes a new session.
  case password(name: String, password: String)
  /// Makes the account first, by an invite where one is asked for.
  case registration(name: String, password: String, invite: String? = nil)
  /// With the token of a session made before.
  case token(String)
}
