import MartletMedia
import MartletProtocol
import TestSupport
import Testing

/// What real programs add to files or leave out, and what is no more than a good beginning.
@Suite struct ToleranceTests {
  private let appSegment = [0xFF, 0xE2] + Part.big(8, 2) + Array("MPF\0II".utf8)

  @Test func aCameraMayPutMorePicturesBehindTheFirstIfItSaysSo() throws {
    let picture = try MediaFile.named("baseline.jpeg").bytes()
    let announcing = picture.prefix(2) + appSegment + picture.dropFirst(2)
    #expect(try inspection(of: announcing + picture, as: .jpeg) != nil)
    #expect(try inspection(of: announcing + picture + picture, as: .jpeg)?.width == 20)
    #expect(try inspection(of: announcing + [0, 0, 0] + picture, as: .jpeg) != nil)
    #expect(try inspection(of: announcing + picture.dropLast(), as: .jpeg) == nil)
    #expect(try inspection(of: announcing + Part.zip, as: .jpeg) == nil)
    #expect(try inspection(of: picture + picture, as: .jpeg) == nil)
  }

  @Test(arguments: ["baseline.jpeg", "constant.mp3", "low.mp3"])
  func zerosMayFillAFileUp(_ name: String) throws {
    let file = try MediaFile.named(name)
    let zeros = [UInt8](repeating: 0, count: 1000)
    let bytes = try file.bytes()
    if name == "constant.mp3" {
      let tag = bytes.suffix(128)
      #expect(try inspection(of: bytes.dropLast(128) + zeros + tag, as: .mp3) != nil)
    } else {
      #expect(try inspection(of: bytes + zeros, as: file.format) != nil)
      #expect(try inspection(of: bytes + zeros + [1], as: file.format) == nil)
    }
  }

  /// The first of the frames overwritten by what encoders of Fraunhofer put there.
  private func announcing(frames: Int, bytes: Int) throws -> [UInt8] {
    var file = try MediaFile.named("bare.mp3").bytes()
    let content =
      Array("VBRI".utf8) + [0, 1, 0, 0, 0, 0] + Part.big(bytes, 4) + Part.big(frames, 4)
    file.replaceSubrange(36..<36 + content.count, with: content)
    return file
  }

  @Test func framesOfMP3AreAsManyAsTheFirstTells() throws {
    let size = try announcing(frames: 0, bytes: 0).count
    // Five frames, of which the first is no sound; some encoders count it.
    #expect(try inspection(of: announcing(frames: 4, bytes: size), as: .mp3) != nil)
    #expect(try inspection(of: announcing(frames: 5, bytes: size), as: .mp3) != nil)
    #expect(try inspection(of: announcing(frames: 6, bytes: size), as: .mp3) == nil)
    #expect(try inspection(of: announcing(frames: 3, bytes: size), as: .mp3) == nil)
    #expect(try inspection(of: announcing(frames: 5, bytes: size + 1), as: .mp3) == nil)
  }

  private func apeTag(hasHeader: Bool) -> [UInt8] {
    let item = Part.little(1, 4) + Part.little(0, 4) + Array("Title\0x".utf8)
    let flags = hasHeader ? 1 << 31 : 0
    let edge = { (flags: Int) in
      Array("APETAGEX".utf8) + Part.little(2000, 4) + Part.little(item.count + 32, 4)
        + Part.little(1, 4) + Part.little(flags, 4) + [UInt8](repeating: 0, count: 8)
    }
    return (hasHeader ? edge(flags | 1 << 29) : []) + item + edge(flags)
  }

  @Test(arguments: [true, false])
  func tagsMayStandAroundTheFramesOfMP3(hasHeader: Bool) throws {
    let frames = try MediaFile.named("bare.mp3").bytes()
    let front = Array("ID3\u{4}\0\0".utf8) + [0, 0, 0, 5] + [UInt8](repeating: 0, count: 5)
    let back = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
    let tag = apeTag(hasHeader: hasHeader)
    #expect(try inspection(of: front + front + frames + tag + back, as: .mp3) != nil)
    #expect(try inspection(of: frames + tag, as: .mp3) != nil)
    #expect(try inspection(of: front + frames + Part.zip + back, as: .mp3) == nil)
    #expect(try inspection(of: frames + Part.script + tag, as: .mp3) == nil)
    #expect(try inspection(of: front + back, as: .mp3) == nil)
    let tags = Array([[UInt8]](repeating: front, count: 17).joined())
    #expect(try inspection(of: tags + frames, as: .mp3) == nil)
  }

  @Test func theFooterOfATagMustNotReachBeforeTheFrames() throws {
    let frames = try MediaFile.named("bare.mp3").bytes()
    let footer =
      Array("APETAGEX".utf8) + Part.little(2000, 4) + Part.little(0xFFFF_FFFF, 4)
      + Part.little(1, 4) + Part.little(1 << 31, 4) + [UInt8](repeating: 0, count: 8)
    #expect(try inspection(of: frames + footer, as: .mp3) == nil)
  }

  @Test func aTagOfID3MayStandBeforeFLAC() throws {
    let file = try MediaFile.named("picture.flac").bytes()
    let tag = Array("ID3\u{3}\0\0".utf8) + [0, 0, 0, 5] + [UInt8](repeating: 0, count: 5)
    #expect(try inspection(of: tag + file, as: .flac) != nil)
    #expect(try fault(of: tag + file, as: .mp3) == .mismatch(actual: .flac))
  }

  @Test func theByteThatFillsUpAnOddChunkMayBeMissingAtTheEnd() throws {
    let odd = Part.waveFormat + Part.chunk("data", [1, 2, 3])
    #expect(try inspection(of: Part.riff("WAVE", odd), as: .wav) != nil)
    #expect(try inspection(of: Part.riff("WAVE", odd + [0]), as: .wav) != nil)
    // Present, but not counted.
    #expect(try inspection(of: Part.riff("WAVE", odd) + [0], as: .wav) != nil)
    #expect(try inspection(of: Part.riff("WAVE", odd) + [1], as: .wav) == nil)
    #expect(try inspection(of: Part.riff("WAVE", odd) + [0, 0], as: .wav) == nil)
  }

  @Test(arguments: [
    (AttachmentFormat.bmp, "BMW, a car, is not a picture of one."),
    (.gif, "GIF89a/*;*/=1;alert(1)//"), (.png, "\u{89}PNG"), (.mp3, "ID3"), (.flac, "fLaC"),
    (.ogg, "OggS"), (.opus, "OggS\0OpusHead"), (.m4a, "\0\0\0\u{10}ftypM4A \0\0\0\0"),
    (.wav, "RIFF\u{4}\0\0\0WAVE"), (.webp, "RIFF\u{4}\0\0\0WEBP"), (.jpeg, "plain text"),
  ])
  func aGoodBeginningIsNotEnough(_ format: AttachmentFormat, _ text: String) throws {
    for format in AttachmentFormat.allCases + [format] {
      #expect(try inspection(of: Array(text.utf8), as: format) == nil, "\(format)")
    }
  }

  @Test func somethingUnknownIsAMismatch() throws {
    for bytes in [Part.zip, Part.script, Array("%PDF-1.7\n".utf8), [0x7F, 0x45, 0x4C, 0x46]] {
      for format in AttachmentFormat.allCases {
        #expect(try fault(of: bytes, as: format) == .mismatch(actual: nil))
      }
    }
  }

  @Test func aDamagedFileOfAnotherFormatIsNotNamedForIt() throws {
    let half = try MediaFile.named("rgb.png").bytes().dropLast(20)
    #expect(try fault(of: Array(half), as: .jpeg) == .mismatch(actual: nil))
    #expect(try fault(of: Array(half), as: .png) == .damaged("The file is cut short."))
  }
}
