import MartletMedia
import MartletProtocol
import TestSupport
import Testing

/// Pictures that would unfold to more than can be shown.
@Suite struct PixelSizeTests {
  @Test func aPictureMayHaveAHundredMillionPixelsAndNoMore() throws {
    #expect(try inspection(of: Part.png(width: 10_000, height: 10_000), as: .png)?.width == 10_000)
    #expect(try inspection(of: Part.png(width: 100_000_000, height: 1), as: .png) != nil)
    #expect(
      try fault(of: Part.png(width: 10_001, height: 10_000), as: .png)
        == .damaged("The picture is 10001 × 10000 pixels; pictures may have up to 100 million."))
    #expect(try inspection(of: Part.png(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF), as: .png) == nil)
    #expect(try inspection(of: Part.png(width: 0xFFFF_FFFF, height: 0xFFFF_FFFF), as: .png) == nil)
  }

  @Test(arguments: [(0, 5), (5, 0)])
  func aPictureWithoutPixelsIsDamaged(width: Int, height: Int) throws {
    #expect(
      try fault(of: Part.png(width: width, height: height), as: .png)
        == .damaged("The picture has no pixels."))
  }

  /// Real pictures whose width and height are overwritten by the largest that there are.
  @Test(arguments: [
    ("still.gif", 6, 4), ("rgb.bmp", 18, 8), ("alpha.webp", 24, 6), ("core.bmp", 18, 4),
  ])
  func aBombOfAnyFormatIsRefused(name: String, offset: Int, count: Int) throws {
    let file = try MediaFile.named(name)
    var bytes = try file.bytes()
    bytes.replaceSubrange(
      offset..<offset + count, with: [UInt8](repeating: 0x7F, count: count))
    guard case .damaged(let words) = try fault(of: bytes, as: file.format) else {
      Issue.record("not refused")
      return
    }
    #expect(words.hasSuffix("pictures may have up to 100 million."))
  }

  @Test func aFrameOfAnAnimationIsBoundedToo() throws {
    var bytes = try MediaFile.named("still.gif").bytes()
    // The image descriptor of the only frame.
    let descriptor = try #require(
      bytes.indices.dropLast(9).first {
        bytes[$0..<$0 + 9] == [0x2C, 0, 0, 0, 0, 20, 0, 12, 0]
      })
    bytes.replaceSubrange(descriptor + 5..<descriptor + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try inspection(of: bytes, as: .gif) == nil)
  }

  @Test func aFrameOutsideItsCanvasIsRefused() throws {
    var bytes = try MediaFile.named("alpha.webp").bytes()
    bytes.replaceSubrange(24..<30, with: [3, 0, 0, 3, 0, 0])
    #expect(try inspection(of: bytes, as: .webp) == nil)
  }
}
