import MartletProtocol

/// A value bound to a statement, sent in PostgreSQL's binary format.
enum PostgresBind {
  case int8(Int64)
  case text(String)
  case bytes([UInt8])
  case timestamp(Timestamp)
  /// `infinity` for `nil`: a value that no timestamp has.
  case optionalTimestamp(Timestamp?)
  case int8Array([Int64])
  case int4Array([Int32])
  case uuid(any UUIDIdentifier)
  /// `nil` is NULL.
  case uuidArray([(any UUIDIdentifier)?])
  case textArray([String])

  /// The object identifier of the type, from `pg_type.dat`.
  var typeIdentifier: UInt32 {
    switch self {
    case .int8: 20
    case .text: 25
    case .bytes: 17
    case .timestamp, .optionalTimestamp: 1184
    case .int8Array: 1016
    case .int4Array: 1007
    case .uuid: 2950
    case .uuidArray: 2951
    case .textArray: 1009
    }
  }

  func write(to buffer: inout [UInt8]) {
    switch self {
    case .int8(let value): buffer.appendBigEndian(value)
    case .text(let value): buffer.append(contentsOf: value.utf8)
    case .bytes(let value): buffer.append(contentsOf: value)
    case .timestamp(let value): buffer.appendBigEndian(value.postgresMicroseconds)
    case .optionalTimestamp(let value):
      // As PostgreSQL has it in datatype/timestamp.h.
      buffer.appendBigEndian(value?.postgresMicroseconds ?? Int64.max)
    case .uuid(let value): buffer.append(value)
    case .int8Array(let values):
      buffer.appendArray(of: 20, values) { buffer, value in buffer.appendBigEndian(value) }
    case .int4Array(let values):
      buffer.appendArray(of: 23, values) { buffer, value in buffer.appendBigEndian(value) }
    case .uuidArray(let values):
      buffer.appendArray(of: 2950, values) { buffer, value in buffer.append(value) }
    case .textArray(let values):
      buffer.appendArray(of: 25, values) { buffer, value in
        buffer.append(contentsOf: value.utf8)
      }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(_ value: any UUIDIdentifier) {
    appendBigEndian(value.high)
    appendBigEndian(value.low)
  }

  /// A one-dimensional array, as `array_recv` reads it: `nil` is a length of -1.
  fileprivate mutating func appendArray<Value>(
    of elementType: UInt32, _ values: [Value?], _ write: (inout [UInt8], Value) -> Void
  ) {
    appendBigEndian(Int32(1))
    appendBigEndian(Int32(values.contains { $0 == nil } ? 1 : 0))
    appendBigEndian(elementType)
    appendBigEndian(Int32(clamping: values.count))
    appendBigEndian(Int32(1))
    for value in values {
      guard let value else {
        appendBigEndian(Int32(-1))
        continue
      }
      let lengthAt = count
      appendBigEndian(Int32(0))
      write(&self, value)
      let length = Int32(clamping: count - lengthAt - 4).bigEndian
      Swift.withUnsafeBytes(of: length) { bytes in
        for (offset, byte) in bytes.enumerated() { self[lengthAt + offset] = byte }
      }
    }
  }
}

extension Timestamp {
  /// 2000-01-01, where PostgreSQL's `timestamptz` begins, in milliseconds of Unix time.
  private static let postgresEpoch: Int64 = 946_684_800_000

  fileprivate var postgresMicroseconds: Int64 {
    (milliseconds - Self.postgresEpoch) * 1000
  }

  /// Reads a `timestamptz`; decimals past the millisecond are cut off.
  init(postgresMicroseconds: Int64) {
    let (quotient, remainder) = postgresMicroseconds.quotientAndRemainder(dividingBy: 1000)
    self.init(milliseconds: quotient - (remainder < 0 ? 1 : 0) + Self.postgresEpoch)
  }
}
