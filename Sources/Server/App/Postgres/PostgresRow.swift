import CPostgres
import MartletProtocol

/// Reads the columns of one row of a binary result, from left to right.
struct PostgresRow {
  private let result: OpaquePointer
  private let row: Int32
  private var column: Int32 = 0

  /// `result` must outlive this value.
  init(result: OpaquePointer, row: Int32) {
    self.result = result
    self.row = row
  }

  mutating func int8() throws(PostgresError) -> Int64 {
    try value { bytes throws(PostgresError) in try bytes.integer() }
  }

  mutating func optionalInt8() throws(PostgresError) -> Int64? {
    try optional { bytes throws(PostgresError) in try bytes.integer() }
  }

  mutating func bool() throws(PostgresError) -> Bool {
    try value { $0.first == 1 }
  }

  mutating func optionalBool() throws(PostgresError) -> Bool? {
    try optional { $0.first == 1 }
  }

  mutating func text() throws(PostgresError) -> String {
    try value { String(decoding: $0, as: UTF8.self) }
  }

  mutating func optionalText() throws(PostgresError) -> String? {
    try optional { String(decoding: $0, as: UTF8.self) }
  }

  mutating func bytes() throws(PostgresError) -> [UInt8] {
    try value { Array($0) }
  }

  mutating func timestamp() throws(PostgresError) -> Timestamp {
    try value { bytes throws(PostgresError) in
      Timestamp(postgresMicroseconds: try bytes.integer())
    }
  }

  mutating func optionalTimestamp() throws(PostgresError) -> Timestamp? {
    try optional { bytes throws(PostgresError) in
      Timestamp(postgresMicroseconds: try bytes.integer())
    }
  }

  mutating func uuid<Identifier: UUIDIdentifier>() throws(PostgresError) -> Identifier {
    guard let identifier: Identifier = try optionalUUID() else { throw .malformed }
    return identifier
  }

  mutating func optionalUUID<Identifier: UUIDIdentifier>() throws(PostgresError) -> Identifier? {
    try optional { bytes throws(PostgresError) in
      guard bytes.count == 16 else { throw .malformed }
      return Identifier(
        high: try UnsafeRawBufferPointer(rebasing: bytes[..<8]).integer(),
        low: try UnsafeRawBufferPointer(rebasing: bytes[8...]).integer())
    }
  }

  mutating func int8Array() throws(PostgresError) -> [Int64] {
    try value { bytes throws(PostgresError) in
      // An empty array has no dimension, and so no more than this header.
      guard bytes.count > 12 else { return [] }
      // Header and dimension take 20 bytes; each element a length of 4 and a value of 8.
      guard bytes.count >= 20, (bytes.count - 20) % 12 == 0 else { throw .malformed }
      var numbers: [Int64] = []
      for start in stride(from: 24, to: bytes.count, by: 12) {
        numbers.append(
          try UnsafeRawBufferPointer(rebasing: bytes[start..<start + 8]).integer())
      }
      return numbers
    }
  }

  private mutating func value<Value>(
    _ read: (UnsafeRawBufferPointer) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    guard let value = try optional(read) else { throw .malformed }
    return value
  }

  private mutating func optional<Value>(
    _ read: (UnsafeRawBufferPointer) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value? {
    defer { column += 1 }
    guard column < PQnfields(result) else { throw .malformed }
    guard PQgetisnull(result, row, column) == 0 else { return nil }
    let bytes = UnsafeRawBufferPointer(
      start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    return try read(bytes)
  }
}

extension PostgresError {
  fileprivate static var malformed: PostgresError {
    PostgresError(kind: .unexpectedAnswer, cause: "a row has not the shape of its statement")
  }
}

extension UnsafeRawBufferPointer {
  /// The whole buffer as one big-endian integer.
  fileprivate func integer<Integer: FixedWidthInteger>() throws(PostgresError) -> Integer {
    guard count == MemoryLayout<Integer>.size else { throw .malformed }
    return Integer(bigEndian: loadUnaligned(as: Integer.self))
  }
}
