import MartletMedia
import MartletProtocol
import TestSupport
import Testing

/// How a file is read: in bounded windows, once, and with an end to it.
@Suite struct ReadingBytesTests {
  private let window = 256 * 1024

  private func inspect(_ bytes: Bytes, as format: AttachmentFormat) throws -> MediaFault? {
    do {
      _ = try MediaInspector.inspect(bytes, as: format)
      return nil
    } catch let fault as MediaFault {
      return fault
    }
  }

  @Test func aLargeFileIsReadOnceInBoundedWindows() throws {
    let bytes = Bytes(
      Part.png(width: 1000, height: 1000, data: [UInt8](repeating: 7, count: 1_500_000)))
    #expect(try inspect(bytes, as: .png) == nil)
    #expect(bytes.read.largest <= window)
    #expect(bytes.read.total <= 2 * bytes.count)
  }

  @Test func samplesAreNotRead() throws {
    let size = 100_000_000
    let head =
      Array("RIFF".utf8) + Part.little(size - 8, 4) + Array("WAVE".utf8) + Part.waveFormat
      + Array("data".utf8) + Part.little(size - 44, 4)
    let bytes = Bytes(head, count: Int64(size))
    #expect(try inspect(bytes, as: .wav) == nil)
    #expect(bytes.read.total <= Int64(window))
  }

  @Test(arguments: AttachmentFormat.allCases)
  func anEmptyFileIsDamaged(_ format: AttachmentFormat) throws {
    #expect(try inspect(Bytes([]), as: format) == .damaged("The file is empty."))
  }

  /// Every format's beginning, and then one byte over and over.
  @Test(arguments: MediaFile.all, [0x00, 0x01, 0x0B, 0xFF] as [UInt8])
  func aHeadWithEndlessRepetitionBehindItIsJudgedInOneReading(
    _ file: MediaFile, _ fill: UInt8
  ) throws {
    let content = try file.bytes()
    for part in [content.count / 8, content.count / 2, content.count - 2] {
      let bytes = Bytes(Array(content.prefix(part)), count: 200_000, fill: fill)
      let fault = try inspect(bytes, as: file.format)
      // Zeros may stand at the end of the last frame of MP3, and behind it.
      if file.format != .mp3 || fill != 0 { #expect(fault != nil) }
      #expect(bytes.read.largest <= window)
      #expect(bytes.read.total <= 4 * bytes.count)
    }
  }

  private struct Broken: Error, Equatable {}

  private struct BrokenBytes: RandomAccessBytes {
    let count: Int64 = 1000
    func read(at offset: Int64, count: Int) throws -> [UInt8] { throw Broken() }
  }

  @Test func whatReadingThrowsIsPassedOn() {
    #expect(throws: Broken()) { try MediaInspector.inspect(BrokenBytes(), as: .png) }
  }

  /// A file that has become shorter since it was measured, or longer than asked for.
  private struct LyingBytes: RandomAccessBytes {
    let content: [UInt8]
    let count: Int64
    func read(at offset: Int64, count: Int) -> [UInt8] { Array(content.dropFirst(Int(offset))) }
  }

  @Test(arguments: MediaFile.all)
  func aFileThatChangesItsSizeIsJudgedByTheSizeItHad(_ file: MediaFile) throws {
    let content = try file.bytes()
    let longer = LyingBytes(content: content + Part.zip, count: Int64(content.count))
    #expect(try MediaInspector.inspect(longer, as: file.format).format == file.format)
    let shorter = LyingBytes(content: content, count: Int64(content.count) + 1000)
    #expect(throws: MediaFault.self) { try MediaInspector.inspect(shorter, as: file.format) }
  }
}
