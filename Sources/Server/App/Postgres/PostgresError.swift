import ServerCore

/// What went wrong between us and PostgreSQL, classified by SQLSTATE, never by its words.
struct PostgresError: Error, CustomStringConvertible {
  enum Kind: Equatable {
    /// No connection, or it was lost: what was under way may or may not have been done.
    case connection
    /// SQLSTATE 23505; the constraint's name says which.
    case uniqueViolation(constraint: String)
    /// SQLSTATE 23503, or what amounts to it: something referred to is not there.
    case foreignKeyViolation
    /// SQLSTATE 40001 and 40P01: the same transaction may succeed when repeated.
    case serialization
    /// SQLSTATE 55P03: somebody else holds what it needs, and for longer than it waits.
    case locked
    /// SQLSTATE 53xxx and 25006: disk full, out of memory, read-only: it may pass.
    case insufficientResources
    /// SQLSTATE 42P01, 42883 and 42703: a database that came back without our tables, functions or
    /// columns, which are about to be made.
    case missingSchema
    /// An answer in a shape that the statement does not have.
    case unexpectedAnswer
    /// Anything else.
    case other(sqlState: String)
  }

  let kind: Kind
  /// For the log, on one line.
  let cause: String

  var description: String { cause }

  /// - Parameter cause: libpq's words, which come with line ends.
  init(kind: Kind, cause: String) {
    self.kind = kind
    self.cause = cause.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// What a use case is told.
  var storeError: StoreError {
    switch kind {
    case .connection, .insufficientResources, .serialization, .locked, .missingSchema: .unavailable
    case .foreignKeyViolation: .missing
    case .uniqueViolation, .unexpectedAnswer, .other: .failed(cause: cause)
    }
  }
}
