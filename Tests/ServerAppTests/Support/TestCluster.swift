import Glibc
import Logging
import TestSupport

@testable import ServerApp

/// A PostgreSQL cluster made and run by the product's own code; it goes when the tests are over.
struct TestCluster: Sendable {
  /// The data directory that the cluster is in.
  let path: String
  let cluster: PrivateCluster
  private let claim: DataDirectory

  /// Makes a cluster and starts it.
  static func start(in path: String? = nil) async throws -> TestCluster {
    let path = try path ?? TestDirectory.make()
    let claim = try DataDirectory(path: path)
    let cluster = try await PrivateCluster(in: path, logger: .silent)
    try await cluster.start()
    return TestCluster(path: path, cluster: cluster, claim: claim)
  }

  private init(path: String, cluster: PrivateCluster, claim: DataDirectory) {
    self.path = path
    self.cluster = cluster
    self.claim = claim
  }

  /// How libpq reaches one of the cluster's databases.
  func connectionString(database: String) -> String {
    // The last of several `dbname` counts.
    "\(cluster.connectionString) dbname=\(database)"
  }

  /// The postmaster's process.
  func postmaster() throws -> pid_t {
    guard let process = Processes.postmaster(ofClusterIn: path) else {
      throw Failure("no postmaster runs")
    }
    return process
  }
}

extension Logger {
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
