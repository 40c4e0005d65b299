import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import ServerCore

/// `martletd export`: all that the server keeps of one person.
struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what the server keeps of one account to a new directory.",
    discussion: """
      messages.jsonl has a message in each line, those of others in the same conversations among them, \
      account.json the account and its devices, and attachments the files.
      """)

  @Option(help: "Whose.") var user: String
  @Option(
    help: ArgumentHelp("The directory to make.", valueName: "directory"), completion: .directory)
  var to: String
  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run() async throws {
    do throws(OperatorError) {
      let logger = Logger.onStandardError(.warning)
      let configuration = try await flags.configuration()
      let count = try await HeldDatabase.with(configuration, logger: logger) {
        database throws(OperatorError) -> Int in
        // The schema is checked by whoever connects first.
        _ = try database.connect()
        let pool = PostgresPool(
          connectionString: database.connectionString, size: 1, logger: logger)
        let result = await attempt { () async throws(OperatorError) in
          let export = AccountExport(
            store: PostgresStore(pool: pool), auditDays: configuration.policy.auditDays,
            files: database.attachmentsDirectory)
          return try await NewDirectory.make(to) { directory throws(OperatorError) in
            try await export.write(user, to: directory)
          }
        }
        await pool.close()
        return try result.get()
      }
      print("\(to) has \(count) messages.")
    } catch {
      throw error.report()
    }
  }
}

/// The writing of what is kept of one person.
struct AccountExport {
  /// A message, with the names of those who wrote it and to whom.
  private struct Line: Encodable {
    let conversation: ConversationID
    let members: [String]
    let sequence: MessageSequence
    let sentAt: Timestamp
    let from: String
    let text: String
    let attachment: Attachment?
    /// Where the file is, from the directory on.
    let file: String?

    private enum CodingKeys: String, CodingKey {
      case conversation, members, sequence, from, text, attachment, file
      case sentAt = "sent_at"
    }
  }

  private struct Account: Encodable {
    let account: AccountRecord
    let sessions: [Session]

    struct Session: Encodable {
      let device: String
      let createdAt: Timestamp
      let lastUsedAt: Timestamp

      private enum CodingKeys: String, CodingKey {
        case device
        case createdAt = "created_at"
        case lastUsedAt = "last_used_at"
      }
    }
  }

  private static let page = 200

  let store: PostgresStore
  /// How long the audit is kept, in days.
  let auditDays: Int64
  /// The directory of attachments.
  let files: String
  private let encoder: JSONEncoder

  init(store: PostgresStore, auditDays: Int64, files: String) {
    self.store = store
    self.auditDays = auditDays
    self.files = files
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// Returns how many messages there are.
  func write(_ user: String, to path: String) async throws(OperatorError) -> Int {
    do {
      guard let account = try await store.account(named: user) else {
        throw OperatorError("Nobody is called '\(user)'.")
      }
      try DataDirectory.makeDirectory(path + "/attachments", mode: 0o700)
      let sessions = try await store.sessions(of: account.id)
      try encoder.encode(
        Account(
          account: account,
          sessions: sessions.map {
            Account.Session(
              device: $0.device, createdAt: $0.createdAt, lastUsedAt: $0.lastUsedAt)
          })
      ).write(to: URL(filePath: path + "/account.json"))
      let output = try LineFile(path + "/messages.jsonl")
      var count = 0
      for conversation in try await store.conversations(of: account.id) {
        count += try await write(conversation, to: output, directory: path)
      }
      try output.close()
      try await store.record(
        AuditEntry(.accountExported, user: account.id, origin: "operator"), keepingDays: auditDays)
      return count
    } catch let error as OperatorError {
      throw error
    } catch {
      throw OperatorError("The account could not be written to \(path): \(error)")
    }
  }

  private func write(
    _ conversation: ConversationID, to output: LineFile, directory: String
  ) async throws -> Int {
    let names = Dictionary(
      try await store.run(ListMemberNames(conversation: conversation)),
      uniquingKeysWith: { first, _ in first })
    let members = names.sorted { $0.key < $1.key }.map(\.value)
    var last = MessageSequence.none
    var count = 0
    while true {
      let page = try await store.history(
        of: conversation, anchor: .after(last), limit: Self.page, maximumBytes: 1 << 22)
      for message in page.messages {
        let line = Line(
          conversation: conversation, members: members, sequence: message.sequence,
          sentAt: message.sentAt, from: names[message.sender] ?? "\(message.sender)",
          text: message.text, attachment: message.attachment,
          file: try message.attachment.flatMap { try copy($0, to: directory) })
        try output.append(try encoder.encode(line))
      }
      count += page.messages.count
      guard page.more, let newest = page.messages.last else { return count }
      last = newest.sequence
    }
  }

  /// Under its id, as names repeat; the name is in the line. Returns `nil` when it was cleared meanwhile.
  private func copy(_ attachment: Attachment, to directory: String) throws -> String? {
    let name = "attachments/\(attachment.id)"
    let source = "\(files)/\(attachment.id)"
    let target = "\(directory)/\(name)"
    guard access(target, F_OK) != 0 else { return name }
    guard access(files, R_OK | X_OK) == 0 else {
      throw OperatorError(
        "The files are not in \(files); name their directory with --attachments-directory.")
    }
    do {
      try FileManager.default.copyItem(atPath: source, toPath: target)
      return name
    } catch  where access(source, F_OK) != 0 {
      return nil
    }
  }
}

/// A file to which lines are added.
private final class LineFile {
  private let file: UnsafeMutablePointer<FILE>
  private let path: String

  init(_ path: String) throws(OperatorError) {
    guard let file = fopen(path, "wxe") else { throw .system("write", path) }
    self.file = file
    self.path = path
  }

  func append(_ line: Data) throws(OperatorError) {
    let bytes = Array(line) + [UInt8(ascii: "\n")]
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw .system("write", path) }
  }

  func close() throws(OperatorError) {
    guard fflush(file) == 0, fsync(fileno(file)) == 0, fclose(file) == 0 else {
      throw .system("write", path)
    }
  }
}
