import FoundationEssentials
import Glibc
import MartletProtocol
import Testing

@testable import TUIApp

@Suite struct FileCacheTests {
  /// A whole file, one that has begun to arrive, and one that began long ago.
  private func cache(_ directory: TemporaryDirectory) throws -> FileCache {
    let cache = FileCache(directory: directory.path)
    for number in UInt64(1)...3 {
      let path = cache.path(of: Self.attachment(number))
      try "content".write(
        toFile: number == 1 ? path : FileCache.partialPath(of: path), atomically: true,
        encoding: .utf8)
    }
    var old = Array(repeating: timeval(tv_sec: 1_000_000_000, tv_usec: 0), count: 2)
    try SystemError.check("utimes") {
      utimes(FileCache.partialPath(of: cache.path(of: Self.attachment(3))), &old)
    }
    return cache
  }

  private static func attachment(_ number: UInt64) -> MartletProtocol.Attachment {
    MartletProtocol.Attachment(
      id: AttachmentID(high: 7, low: number), name: "a.png",
      mediaType: AttachmentFormat.png.mediaType, size: 7)
  }

  private static func partialName(_ number: UInt64) -> String {
    FileCache.partialPath(of: "\(attachment(number).id).png")
  }

  @Test func whatBeganToArriveIsKeptForADay() throws {
    let directory = try TemporaryDirectory()
    try cache(directory).removeOld()
    #expect(directory.names() == [Self.partialName(2)])
  }

  @Test func whatIsCancelledIsGoneAndWhatArrivesStays() throws {
    let directory = try TemporaryDirectory()
    try cache(directory).removeParts(besides: [Self.attachment(3).id])
    #expect(Set(directory.names()) == ["\(Self.attachment(1).id).png", Self.partialName(3)])
  }

  @Test func signingOutLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    try cache(directory).removeAll()
    #expect(directory.names().isEmpty)
  }
}
