import MartletMedia
import MartletProtocol
import TestSupport
import Testing

/// Files as encoders make them.
@Suite struct RealFilesTests {
  @Test func thereIsAFileOfEveryFormat() {
    #expect(Set(MediaFile.all.map(\.format)) == Set(AttachmentFormat.allCases))
  }

  @Test(arguments: MediaFile.all)
  func aWholeFileIsWhatItsEndingSays(_ file: MediaFile) throws {
    let found = try MediaInspector.inspect(Bytes(file.bytes()), as: file.format)
    #expect(found.format == file.format)
    let isPicture = file.format.kind == .image
    #expect(found.width == (isPicture ? MediaFile.pictureSize.width : nil))
    #expect(found.height == (isPicture ? MediaFile.pictureSize.height : nil))
  }

  @Test(arguments: MediaFile.all)
  func underAnyOtherEndingItIsNamedForWhatItIs(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    // Opus in Ogg is both.
    let actual: AttachmentFormat = file.name == "opus.ogg" ? .opus : file.format
    for format in AttachmentFormat.allCases where format != file.format && format != actual {
      if actual == .opus, format == .ogg {
        #expect(try inspection(of: bytes, as: format)?.format == .ogg)
      } else {
        #expect(try fault(of: bytes, as: format) == .mismatch(actual: actual), "\(format)")
      }
    }
  }

  @Test(arguments: MediaFile.disguised)
  func whatMayNotBeSentIsAMismatchUnderEveryEnding(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    for format in AttachmentFormat.allCases {
      #expect(try fault(of: bytes, as: format) == .mismatch(actual: nil), "\(format)")
    }
  }

  @Test(arguments: MediaFile.all)
  func aFileCutShortAnywhereIsRefused(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    let passing = try (0..<bytes.count).filter {
      try inspection(of: Array(bytes.prefix($0)), as: file.format) != nil
    }
    switch file.name {
    case "bare.mp3":
      // Whole frames of a stream that says nowhere how many there are: 64 kbit/s at 44.1 kHz make
      // frames of 208 bytes, and of 209 to keep up the rate.
      #expect(passing == [208, 417, 626, 835])
    case "constant.mp3":
      // All but the tag of ID3 version 1.
      #expect(passing == [bytes.count - 128])
    case "fragments.m4a":
      // Whole fragments; what stands behind the only one helps to find it.
      #expect(passing.count == 1)
    default:
      #expect(passing == [])
    }
  }

  @Test(arguments: MediaFile.all)
  func aFileWithAnythingBehindItsEndIsRefused(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    for tail in [Part.zip, Part.script, [0x0A], [0xFF], [0, 0, 0, 1]] {
      #expect(try inspection(of: bytes + tail, as: file.format) == nil, "\(tail.prefix(4))")
    }
    for other in MediaFile.all {
      // More frames of the same kind make a longer stream of frames.
      if file.name == "bare.mp3", other == file { continue }
      let both = try bytes + other.bytes()
      #expect(try inspection(of: both, as: file.format) == nil, "\(other)")
      #expect(try inspection(of: both, as: other.format) == nil, "\(other)")
    }
  }

  @Test(arguments: MediaFile.all)
  func aFileWithAnythingBeforeItsBeginningIsRefused(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    for head in [Part.zip, Part.script, [0x0A], [0]] {
      #expect(try inspection(of: head + bytes, as: file.format) == nil, "\(head.prefix(4))")
    }
  }

  @Test(arguments: MediaFile.all.filter { [.png, .ogg, .opus].contains($0.format) })
  func anyBitFlippedInACheckedFileIsNoticed(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    for index in bytes.indices {
      var flipped = bytes
      flipped[index] ^= 1 << UInt8(index % 8)
      #expect(try inspection(of: flipped, as: file.format) == nil, "byte \(index)")
    }
  }

  @Test(arguments: MediaFile.all.filter { $0.format == .flac })
  func anyBitFlippedInAFrameOfFLACIsNoticed(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    let frame = try #require(
      bytes.indices.dropLast().last { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xF8 })
    for index in frame..<bytes.count {
      var flipped = bytes
      flipped[index] ^= 1 << UInt8(index % 8)
      #expect(try inspection(of: flipped, as: .flac) == nil, "byte \(index)")
    }
  }

  @Test(arguments: ["pages.opus", "tool.opus", "vorbis.ogg"])
  func aPageOfOggThatIsMissingOrTwiceOrOutOfOrderIsNoticed(_ name: String) throws {
    let file = try MediaFile.named(name)
    let bytes = try file.bytes()
    let starts = bytes.indices.dropLast(3).filter { bytes[$0..<$0 + 4].elementsEqual("OggS".utf8) }
    let pages = zip(starts, starts.dropFirst() + [bytes.count]).map { Array(bytes[$0..<$1]) }
    #expect(pages.count >= 3)
    for index in pages.indices {
      var missing = pages
      missing.remove(at: index)
      var twice = pages
      twice.insert(pages[index], at: index)
      var swapped = pages
      swapped.swapAt(index, (index + 1) % pages.count)
      for pages in [missing, twice, swapped] {
        #expect(try inspection(of: Array(pages.joined()), as: file.format) == nil, "page \(index)")
      }
    }
  }

  @Test(arguments: MediaFile.all)
  func whateverABrokenFileHoldsItIsJudged(_ file: MediaFile) throws {
    let bytes = try file.bytes()
    var generator = SeededGenerator(seed: UInt64(bytes.count))
    for _ in 0..<200 {
      var broken = bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        // Mostly in front, where the headers are.
        let end = Bool.random(using: &generator) ? min(64, broken.count) : broken.count
        let index = Int.random(in: 0..<end, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: broken[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: broken[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
        case 2: broken.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        default: if broken.count > 1 { broken.remove(at: index) }
        }
      }
      if let found = try inspection(of: broken, as: file.format) {
        #expect((found.width ?? 1) * (found.height ?? 1) <= 100_000_000)
      }
    }
  }
}
