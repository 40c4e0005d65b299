import MartletMedia
import MartletProtocol
import TestSupport

/// What a file in memory is found to be, or `nil` if it is refused.
func inspection(of bytes: [UInt8], as format: AttachmentFormat) throws -> MediaInspection? {
  do {
    return try MediaInspector.inspect(Bytes(bytes), as: format)
  } catch is MediaFault {
    return nil
  }
}

/// Why a file in memory is refused, or `nil` if it is not.
func fault(of bytes: [UInt8], as format: AttachmentFormat) throws -> MediaFault? {
  do {
    _ = try MediaInspector.inspect(Bytes(bytes), as: format)
    return nil
  } catch let fault as MediaFault {
    return fault
  }
}

/// Parts of which tests put files together.
enum Part {
  static func big(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func little(_ value: Int, _ bytes: Int) -> [UInt8] { big(value, bytes).reversed() }

  /// A chunk of PNG; the check is worked out bit by bit, apart from the code under test.
  static func png(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + data
    var check = UInt32.max
    for byte in checked {
      check ^= UInt32(byte)
      for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    return big(data.count, 4) + checked + big(Int(~check), 4)
  }

  /// A PNG picture of eight bits of grey, whose data is not.
  static func png(width: Int, height: Int, data: [UInt8] = [0x78, 0x9C]) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + png("IHDR", big(width, 4) + big(height, 4) + [8, 0, 0, 0, 0])
      + png("IDAT", data) + png("IEND", [])
  }

  static func riff(_ type: String, _ chunks: [UInt8]) -> [UInt8] {
    Array("RIFF".utf8) + little(chunks.count + 4, 4) + Array(type.utf8) + chunks
  }

  /// A chunk of RIFF, without the byte that fills it up.
  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    Array(type.utf8) + little(data.count, 4) + data
  }

  /// The format chunk of WAV: one channel of eight bits.
  static let waveFormat = chunk(
    "fmt ", little(1, 2) + little(1, 2) + little(8000, 4) + little(8000, 4) + [1, 0, 8, 0])

  static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
    big(content.count + 8, 4) + Array(type.utf8) + content
  }

  /// A ZIP archive of one empty file, "a".
  static let zip: [UInt8] =
    Array("PK\u{3}\u{4}".utf8) + little(10, 2) + [UInt8](repeating: 0, count: 20) + little(1, 2)
    + little(0, 2) + Array("a".utf8)
    + Array("PK\u{1}\u{2}".utf8) + little(10, 2) + little(10, 2)
    + [UInt8](repeating: 0, count: 20) + little(1, 2) + [UInt8](repeating: 0, count: 16)
    + Array("a".utf8)
    + Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 4) + little(1, 2) + little(1, 2)
    + little(47, 4) + little(31, 4) + little(0, 2)

  static let script = Array("<html><script>alert(1)</script></html>\n".utf8)
}
