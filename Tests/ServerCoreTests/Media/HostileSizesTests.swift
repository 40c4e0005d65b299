import MartletMedia
import MartletProtocol
import TestSupport
import Testing

/// Sizes that no honest file has: they are refused, and nothing overflows.
@Suite struct HostileSizesTests {
  private let type = Part.box("ftyp", Array("M4A \0\0\0\0".utf8))

  @Test(
    arguments: [
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 15],
    ] as [[UInt8]])
  func aBoxOfImpossibleSizeIsRefused(_ size: [UInt8]) throws {
    #expect(try inspection(of: type + Part.big(1, 4) + Array("mdat".utf8) + size, as: .m4a) == nil)
    #expect(try inspection(of: Part.big(1, 4) + Array("ftyp".utf8) + size, as: .m4a) == nil)
  }

  @Test(arguments: 0..<8)
  func aBoxWithoutSizeIsRefused(size: Int) throws {
    #expect(try inspection(of: type + Part.big(size, 4) + Array("free".utf8), as: .m4a) == nil)
  }

  @Test func aTableLongerThanItsBoxIsRefused() throws {
    for kind in ["stco", "co64"] {
      let table = Part.box(kind, [0, 0, 0, 0] + Part.big(0xFFFF_FFFF, 4))
      let handler = Part.box("hdlr", [UInt8](repeating: 0, count: 8) + Array("soun".utf8))
      let media = Part.box("mdia", handler + Part.box("minf", Part.box("stbl", table)))
      let movie = Part.box("moov", Part.box("trak", media))
      #expect(try inspection(of: type + movie + Part.box("mdat", [1, 2, 3]), as: .m4a) == nil)
    }
  }

  @Test func samplesOutsideTheMediaDataAreRefused() throws {
    let file = try MediaFile.named("start.m4a").bytes()
    let table = try #require(
      file.indices.dropLast(4).first { file[$0..<$0 + 4].elementsEqual("stco".utf8) })
    for offset in [0, 0xFFFF_FFFF, file.count] {
      var broken = file
      broken.replaceSubrange(table + 12..<table + 16, with: Part.big(offset, 4))
      #expect(try inspection(of: broken, as: .m4a) == nil)
    }
  }

  @Test func boxesInBoxesWithoutEndAreNotFollowed() throws {
    var boxes: [UInt8] = []
    for _ in 0..<2000 { boxes = Part.box("trak", boxes) }
    #expect(try inspection(of: type + Part.box("moov", boxes), as: .m4a) == nil)
  }

  @Test func framesInFramesAreRefused() throws {
    var frames: [UInt8] = []
    for _ in 0..<200 { frames = Part.chunk("ANMF", [UInt8](repeating: 0, count: 16) + frames) }
    let canvas = Part.chunk("VP8X", [2, 0, 0, 0, 9, 0, 0, 9, 0, 0])
    #expect(try inspection(of: Part.riff("WEBP", canvas + frames), as: .webp) == nil)
  }

  @Test func aChunkLargerThanItsFileIsRefused() throws {
    let huge = Array("data".utf8) + Part.little(0xFFFF_FFFF, 4)
    #expect(try inspection(of: Part.riff("WAVE", Part.waveFormat + huge), as: .wav) == nil)
    let file = Array("RIFF".utf8) + Part.little(0xFFFF_FFFF, 4) + Array("WAVE".utf8)
    #expect(try inspection(of: file + Part.waveFormat + huge, as: .wav) == nil)
  }

  @Test func aTagLargerThanItsFileIsRefused() throws {
    let tag = Array("ID3\u{4}\0\0".utf8) + [0x7F, 0x7F, 0x7F, 0x7F]
    #expect(try fault(of: tag + Part.script, as: .mp3) == .damaged("The file is cut short."))
  }

  @Test func aBitmapHigherThanInt32IsRefused() throws {
    var bytes = try MediaFile.named("rgb.bmp").bytes()
    for height in [0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF] {
      bytes.replaceSubrange(22..<26, with: Part.little(height, 4))
      #expect(try inspection(of: bytes, as: .bmp) == nil)
    }
    // The same rows, the top one first.
    bytes.replaceSubrange(22..<26, with: Part.little(-12, 4))
    #expect(try inspection(of: bytes, as: .bmp)?.height == 12)
  }
}
