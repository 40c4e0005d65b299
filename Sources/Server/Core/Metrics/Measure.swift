/// What the server counts and times, under the names that Prometheus would have.
public enum Measure: String, CaseIterable, Sendable {
  case connections = "martlet_connections"
  case signedInConnections = "martlet_signed_in_connections"
  case signedInUsers = "martlet_signed_in_users"
  case messages = "martlet_messages_total"
  case acknowledgement = "martlet_acknowledgement_seconds"
  case commitMessages = "martlet_commit_messages"
  case commit = "martlet_commit_seconds"
  case queuedMessages = "martlet_queued_messages"
  case slowReaders = "martlet_slow_readers_total"
  case droppedPushes = "martlet_dropped_pushes_total"
  case search = "martlet_search_seconds"
  case receivedAttachmentBytes = "martlet_attachment_received_bytes_total"
  case sentAttachmentBytes = "martlet_attachment_sent_bytes_total"
  case registrations = "martlet_registrations_total"
  case signIns = "martlet_sign_ins_total"
  case signInFailures = "martlet_sign_in_failures_total"
  case databaseUp = "martlet_database_up"
  case residentMemory = "process_resident_memory_bytes"
  case processorTime = "process_cpu_seconds_total"
  case startTime = "process_start_time_seconds"

  /// How it is counted.
  public enum Kind: Hashable, Sendable {
    /// Goes up, until the server is started again.
    case counter
    case gauge
    /// How many values are at most each of these, and the sum of all.
    case histogram([Double])
  }

  public var kind: Kind {
    switch self {
    case .messages, .slowReaders, .droppedPushes, .receivedAttachmentBytes, .sentAttachmentBytes,
      .registrations, .signIns, .signInFailures, .processorTime:
      .counter
    case .connections, .signedInConnections, .signedInUsers, .queuedMessages, .databaseUp,
      .residentMemory, .startTime:
      .gauge
    case .acknowledgement, .commit, .search: .histogram(Self.seconds)
    case .commitMessages: .histogram([1, 2, 5, 10, 20, 50, 100, 200])
    }
  }

  /// Why a sign-in failed.
  public enum SignInFailure: String, CaseIterable, Sendable {
    case unknownName = "unknown name"
    case wrongPassword = "wrong password"
    case tooManyAttempts = "too many attempts"
  }

  /// Its series, each by what tells it from the others.
  public var series: [[(String, String)]] {
    self == .signInFailures
      ? SignInFailure.allCases.map { [("reason", $0.rawValue)] } : [[]]
  }

  /// From less than a commit on a good disk to what nobody waits for.
  private static let seconds = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// What it is, in a sentence.
  public var help: String {
    switch self {
    case .connections: "WebSocket connections that are open."
    case .signedInConnections: "Connections that are signed in."
    case .signedInUsers: "People with a connection that is signed in."
    case .messages: "Messages that were acknowledged, those sent again among them."
    case .acknowledgement: "From the arrival of a message to its acknowledgement."
    case .commitMessages: "Messages in one transaction."
    case .commit: "How long a transaction with messages took, of those that were committed."
    case .queuedMessages: "Messages that wait for the database."
    case .slowReaders: "Connections that were closed because they did not take what was sent."
    case .droppedPushes: "Signs of typing and presence that a slow connection was spared."
    case .search: "How long a page of a search took."
    case .receivedAttachmentBytes: "Bytes of files that arrived."
    case .sentAttachmentBytes: "Bytes of files that were fetched."
    case .registrations: "Accounts that were made."
    case .signIns: "Sign-ins by password."
    case .signInFailures: "Sign-ins by password that failed, by reason."
    case .databaseUp: "Whether the database answers and has its schema."
    case .residentMemory: "Memory of the server, in bytes, without that of PostgreSQL."
    case .processorTime: "Time of the processors that the server has taken."
    case .startTime: "When the server was started, in seconds since 1970."
    }
  }
}
