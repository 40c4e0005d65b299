/// A place in a file, which is read from there on through a window of constant size.
///
/// Every method that reads throws ``MediaFault/cutShort`` where the file ends, and what the source
/// throws. Numbers come as `Int64`, so that sums of a few of them cannot overflow.
struct MediaCursor {
  private static let windowBytes = 64 * 1024

  /// The size of the file.
  let count: Int64
  /// How many bytes lie before the place.
  private(set) var position: Int64 = 0
  private let source: any RandomAccessBytes
  private var window: [UInt8] = []
  private var windowStart: Int64 = 0

  init(_ source: any RandomAccessBytes) {
    self.source = source
    count = max(0, source.count)
  }

  var remaining: Int64 { count - position }
  var isAtEnd: Bool { position == count }

  mutating func seek(to position: Int64) throws {
    guard (0...count).contains(position) else { throw MediaFault.cutShort }
    self.position = position
  }

  mutating func skip(_ bytes: Int64) throws {
    guard (0...remaining).contains(bytes) else { throw MediaFault.cutShort }
    position += bytes
  }

  mutating func byte() throws -> UInt8 {
    let index = try load()
    position += 1
    return window[index]
  }

  /// The next byte, which stays the next.
  mutating func peekByte() throws -> UInt8 {
    window[try load()]
  }

  /// The next bytes; for headers and the like, whose size is bounded.
  mutating func take(_ count: Int) throws -> [UInt8] {
    guard Int64(count) <= remaining else { throw MediaFault.cutShort }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    try run(Int64(count)) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// The next bytes, which stay the next; fewer where the file ends.
  mutating func peek(_ count: Int) throws -> [UInt8] {
    let start = position
    defer { position = start }
    return try take(Int(min(Int64(count), remaining)))
  }

  /// A number of at most eight bytes, the most significant first.
  mutating func big(_ bytes: Int) throws -> Int64 {
    var value: UInt64 = 0
    for _ in 0..<bytes { value = value << 8 | UInt64(try byte()) }
    guard let value = Int64(exactly: value) else { throw MediaFault.cutShort }
    return value
  }

  /// A number of at most eight bytes, the least significant first.
  mutating func little(_ bytes: Int) throws -> Int64 {
    var value: UInt64 = 0
    for place in 0..<bytes { value |= UInt64(try byte()) << UInt64(8 * place) }
    guard let value = Int64(exactly: value) else { throw MediaFault.cutShort }
    return value
  }

  mutating func fourCC() throws -> FourCC {
    FourCC(code: UInt32(truncatingIfNeeded: try big(4)))
  }

  /// Whether the next bytes are these; they are passed if so, and stay the next if not.
  mutating func passes(_ bytes: some Collection<UInt8>) throws -> Bool {
    guard try peek(bytes.count).elementsEqual(bytes) else { return false }
    position += Int64(bytes.count)
    return true
  }

  /// Hands over the next bytes piece by piece, and passes them.
  mutating func run(_ bytes: Int64, _ body: (ArraySlice<UInt8>) -> Void) throws {
    var left = bytes
    while left > 0 {
      let index = try load()
      let piece = min(left, Int64(window.count - index))
      body(window[index..<index + Int(piece)])
      position += piece
      left -= piece
    }
  }

  /// Passes everything up to the next `byte`, and that.
  mutating func skip(past byte: UInt8) throws {
    while true {
      let index = try load()
      if let found = window[index...].firstIndex(of: byte) {
        position += Int64(found - index + 1)
        return
      }
      position += Int64(window.count - index)
    }
  }

  /// Passes the zeros that come next, if any.
  mutating func skipZeros() throws {
    while !isAtEnd {
      let index = try load()
      if let found = window[index...].firstIndex(where: { $0 != 0 }) {
        position += Int64(found - index)
        return
      }
      position += Int64(window.count - index)
    }
  }

  /// Gets the place into the window, and says where in the window it is.
  private mutating func load() throws -> Int {
    let index = position - windowStart
    if index >= 0, index < Int64(window.count) { return Int(index) }
    let wanted = Int(min(Int64(Self.windowBytes), remaining))
    guard wanted > 0 else { throw MediaFault.cutShort }
    window = Array(try source.read(at: position, count: wanted).prefix(wanted))
    windowStart = position
    guard !window.isEmpty else { throw MediaFault.cutShort }
    return 0
  }
}

/// A name of four characters, as chunks and boxes have.
struct FourCC: Hashable, ExpressibleByStringLiteral {
  let code: UInt32

  init(code: UInt32) { self.code = code }

  /// Four ASCII characters; what lies before the last four is dropped.
  init(stringLiteral: StaticString) {
    code = stringLiteral.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
  }

  /// Its characters, the first first.
  var bytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: code >> $0) }
  }
}
