import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import MartletProtocol

/// `martletd restore`: a backup into an empty data directory, or an empty database.
struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a backup into an empty data directory.",
    discussion: """
      Checks every byte of the backup before it begins. With --database-url the database must be empty, too. The server starts a new epoch on \
      it: clients load afresh, and send what was not stored in it.
      """)

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp("The directory that `backup` made.", valueName: "directory"),
    completion: .directory)
  var source: String
  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run() async throws {
    do throws(OperatorError) {
      let restored = try await Self.read(
        source, into: try await flags.configuration(), logger: .onStandardError(.warning))
      print(
        "Restored what was there at \(restored.contents.madeAt), with \(restored.contents.files) files."
      )
      guard restored.missing > 0 else { return }
      print(
        "\(restored.missing) files of messages are not in it: they were cleared while it was made.")
    } catch {
      throw error.report()
    }
  }

  struct Outcome {
    let contents: BackupContents
    /// How many files the database knows of and the backup has not.
    let missing: Int
  }

  static func read(
    _ source: String, into configuration: ServerConfiguration, logger: Logger
  ) async throws(OperatorError) -> Outcome {
    let contents = try await verified(source)
    let path = configuration.dataDirectory
    let attachments = configuration.attachmentsDirectory
    let directory = try DataDirectory(path: path)
    defer { directory.release() }
    guard !PrivateCluster.exists(in: path), access(attachments, F_OK) != 0 else {
      throw OperatorError(
        "\(path), or \(attachments), holds a server's data already; restore into an empty place.")
    }
    do throws(OperatorError) {
      let missing: Int
      if let url = configuration.databaseURL {
        missing = try await fill(url, from: source, attachments: attachments)
      } else {
        let cluster = try await PrivateCluster(in: path, logger: logger)
        missing = try await cluster.running { () async throws(OperatorError) in
          try await fill(cluster.connectionString, from: source, attachments: attachments)
        }
      }
      return Outcome(contents: contents, missing: missing)
    } catch {
      // Both were not there before. The first error is the one to be told.
      do {
        try await PostgresPrograms.removeDirectory(path + "/postgres")
        try await PostgresPrograms.removeDirectory(attachments)
      } catch {}
      throw error
    }
  }

  /// What is in a backup of which nothing is missing or damaged.
  private static func verified(_ source: String) async throws(OperatorError) -> BackupContents {
    let contents = try BackupContents.read(from: source)
    guard contents.form <= BackupContents.newestForm, contents.schema <= Migrator.newest else {
      throw OperatorError(
        "\(source) was made by \(contents.software), which is newer; use that one.")
    }
    do throws(OperatorError) {
      try await runTool(
        "sha256sum", ["--check", "--quiet", "--strict", "SHA256SUMS"], in: source)
    } catch {
      throw OperatorError("\(source) is damaged, and nothing was done: \(error.description)")
    }
    return contents
  }

  /// Returns how many files are missing.
  private static func fill(
    _ connectionString: String, from source: String, attachments: String
  ) async throws(OperatorError) -> Int {
    let database = try emptyDatabase(connectionString)
    try copyFiles(from: source + "/attachments", to: attachments)
    try await runTool("sync", ["--file-system", attachments])
    // Last, and in one transaction: until then the database is as it was.
    try await PostgresTools(connectionString).restore(
      from: absolute(source) + "/" + BackupContents.dump, into: database)
    return try countMissing(connectionString, in: attachments)
  }

  /// Copies what is named and shaped as files of attachments are, and refuses anything else.
  private static func copyFiles(
    from source: String, to target: String
  ) throws(OperatorError) {
    try DataDirectory.makeDirectory(target, mode: 0o700)
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: source) {
        let file = "\(source)/\(name)"
        var status = stat()
        guard AttachmentID(name) != nil, lstat(file, &status) == 0,
          status.st_mode & S_IFMT == S_IFREG
        else { throw OperatorError("\(file) is no file of a backup.") }
        try FileManager.default.copyItem(atPath: file, toPath: "\(target)/\(name)")
      }
    } catch let error as OperatorError {
      throw error
    } catch {
      throw .file("copy", source, error)
    }
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// The name of the database, which has nothing in it.
  private static func emptyDatabase(_ connectionString: String) throws(OperatorError) -> String {
    do {
      let connection = try PostgresConnection(connectionString)
      guard try connection.execute(FindTables()).first == nil else {
        throw OperatorError("The database is not empty; make a new one with createdb.")
      }
      guard let name = try connection.execute(CurrentDatabase()).first else {
        throw OperatorError("The database does not say its name.")
      }
      return name
    } catch let error as OperatorError {
      throw error
    } catch {
      throw OperatorError("The database cannot be reached: \(error)")
    }
  }

  private static func countMissing(
    _ connectionString: String, in directory: String
  ) throws(OperatorError) -> Int {
    do {
      return try PostgresConnection(connectionString).execute(ListWholeAttachments())
        .count { access("\(directory)/\($0)", R_OK) != 0 }
    } catch {
      throw OperatorError("The restored database cannot be read: \(error)")
    }
  }
}
