import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import ServerCore

/// `martletd backup`: the database as it is at one moment, and the files.
struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the database and the files to a new directory.",
    discussion: """
      The server may go on running. The directory is there once it is whole: it has a dump that pg_restore \
      reads, the files, and SHA256SUMS. Everything that people have written is in it, in the clear: keep it so.
      """)

  @Option(
    help: ArgumentHelp("The directory to make.", valueName: "directory"), completion: .directory)
  var to: String
  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run() async throws {
    do throws(OperatorError) {
      let configuration = try await flags.configuration()
      let contents = try await HeldDatabase.with(configuration, logger: .onStandardError(.warning))
      {
        database throws(OperatorError) in try await Self.write(database, to: to)
      }
      print(
        "\(to) has the database, \(Report.bytes(contents.databaseBytes)), and \(contents.files) files."
      )
      // For whoever reads only what is not as usual.
      guard contents.missing == 0 else {
        throw OperatorError(
          "The backup is made, but \(contents.missing) files that messages carry were not there to be copied."
        )
      }
    } catch {
      throw error.report()
    }
  }

  static func write(
    _ database: HeldDatabase, to path: String
  ) async throws(OperatorError) -> BackupContents {
    try await NewDirectory.make(path) { directory throws(OperatorError) in
      try DataDirectory.makeDirectory(directory + "/attachments", mode: 0o700)
      return try await fill(directory, from: database)
    }
  }

  private static func fill(
    _ directory: String, from database: HeldDatabase
  ) async throws(OperatorError) -> BackupContents {
    let connection = try database.connect()
    let identity: ServerIdentity
    do {
      guard let read = try connection.execute(ReadServerIdentity()).first else {
        throw OperatorError("The database has lost its identity.")
      }
      identity = read
    } catch let error as OperatorError {
      throw error
    } catch {
      throw OperatorError("The database cannot be read: \(error)")
    }
    let tools = try PostgresTools(database.connectionString)
    let dump = directory + "/" + BackupContents.dump
    // Most of the files before the dump, as that is what takes long; those that came meanwhile after it.
    // Of one that is cleared between, the dump has the message and the backup no file.
    let source = database.attachmentsDirectory
    var copied = try copyFiles(from: source, to: directory + "/attachments", besides: [])
    try await tools.dump(to: dump)
    copied.formUnion(try copyFiles(from: source, to: directory + "/attachments", besides: copied))
    let contents = BackupContents(
      form: BackupContents.newestForm, madeAt: .now, software: "martletd/\(Martletd.version)",
      schema: Migrator.newest, serverID: identity.id, epoch: identity.epoch,
      databaseBytes: try FileSize.of(dump), files: copied.count,
      missing: try missing(connection, besides: copied, in: source))
    try contents.write(to: directory)
    // Read back from the disk, all of it.
    try await runTool(
      "sh",
      [
        "-c",
        "find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS",
      ], in: directory)
    return contents
  }

  /// How many files the database knows of that were not copied: those that were cleared meanwhile it does not
  /// know any more.
  private static func missing(
    _ connection: PostgresConnection, besides copied: Set<String>, in source: String
  ) throws(OperatorError) -> Int {
    let known: [AttachmentID]
    do {
      known = try connection.execute(ListWholeAttachments())
    } catch {
      throw OperatorError("The database cannot be read: \(error)")
    }
    let missing = known.count { !copied.contains($0.description) }
    guard missing == 0 || access(source, R_OK | X_OK) == 0 else {
      throw OperatorError(
        "The files are not in \(source); name their directory with --attachments-directory.")
    }
    return missing
  }

  /// Copies what is whole.
  private static func copyFiles(
    from source: String, to target: String, besides known: Set<String>
  ) throws(OperatorError) -> Set<String> {
    guard access(source, F_OK) == 0 else { return [] }
    var copied: Set<String> = []
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: source)
      where AttachmentID(name) != nil && !known.contains(name) {
        do {
          try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(target)/\(name)")
          copied.insert(name)
        } catch  where access("\(source)/\(name)", F_OK) != 0 {
          // Cleared meanwhile.
          continue
        }
      }
    } catch {
      throw .file("copy", source, error)
    }
    return copied
  }
}

/// What a backup says of itself.
struct BackupContents: Codable, Sendable {
  static let newestForm = 1
  static let dump = "database.dump"
  private static let file = "backup.json"

  let form: Int
  let madeAt: Timestamp
  let software: String
  let schema: Int64
  let serverID: String
  let epoch: Int64
  let databaseBytes: Int64
  let files: Int
  /// How many files the database knew of that were not there.
  let missing: Int

  private enum CodingKeys: String, CodingKey {
    case form, software, schema, epoch, files, missing
    case madeAt = "made_at"
    case serverID = "server_id"
    case databaseBytes = "database_bytes"
  }

  func write(to directory: String) throws(OperatorError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      try encoder.encode(self).write(to: URL(filePath: "\(directory)/\(Self.file)"))
    } catch {
      throw .file("write", directory, error)
    }
  }

  static func read(from directory: String) throws(OperatorError) -> BackupContents {
    do {
      return try JSONDecoder().decode(
        Self.self, from: Data(contentsOf: URL(filePath: "\(directory)/\(file)")))
    } catch {
      throw OperatorError("\(directory) is no backup made by 'martletd backup'.")
    }
  }
}

enum FileSize {
  static func of(_ path: String) throws(OperatorError) -> Int64 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system("read", path) }
    return Int64(status.st_size)
  }
}

extension OperatorError {
  /// What the system says of the last call.
  static func system(_ verb: String, _ path: String) -> OperatorError {
    OperatorError("Cannot \(verb) \(path): \(String(cString: strerror(errno))).")
  }

  static func file(_ verb: String, _ path: String, _ error: any Error) -> OperatorError {
    OperatorError("Cannot \(verb) \(path): \(words(of: error)).")
  }

  /// What an error of Foundation's says: the system's word, where it has one.
  static func words(of error: any Error) -> String {
    let cause = (error as? CocoaError)?.underlying ?? error
    return (cause as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? "\(cause)"
  }
}
