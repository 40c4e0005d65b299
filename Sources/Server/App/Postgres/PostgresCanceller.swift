import CPostgres

/// Breaks off what a connection runs, from any thread.
final class PostgresCanceller: @unchecked Sendable {
  private let handle: OpaquePointer?

  /// - Parameter connection: made by `PQconnectdbParams`; it may be closed before this is used.
  init(connection: OpaquePointer) {
    handle = PQgetCancel(connection)
  }

  deinit {
    PQfreeCancel(handle)
  }

  /// Asks the database to end the statement with an error. Does nothing when none runs.
  func cancel() {
    var cause = [CChar](repeating: 0, count: 256)
    // One that cannot be cancelled ends by itself.
    _ = PQcancel(handle, &cause, Int32(cause.count))
  }
}
