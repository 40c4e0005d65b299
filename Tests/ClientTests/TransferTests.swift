import FoundationEssentials
import Glibc
import MartletProtocol
import Synchronization
import TestSupport
import Testing

@testable import MartletClient

@Suite struct TransferTests {
  @Test func fileIsUploadedWholeWithItsNameAndProgress() async throws {
    let server = try await FileServer()
    let (source, bytes) = try file(size: 300_000)
    let log = TransferLog()
    let attachment = try await server.transfers().upload(
      source, onBegin: { log.began($0) }, onProgress: { log.note($0) })
    #expect(attachment.size == 300_000)
    #expect(server.state.withLock { $0.uploads[attachment.id]?.bytes } == bytes)
    #expect(server.state.withLock { $0.name } == "%E4%BC%9A%E8%AE%AE%20%231.png")
    #expect(server.requests == ["POST", "PATCH"])
    #expect(log.ids == [attachment.id])
    #expect(log.progress.last == TransferProgress(bytes: 300_000, total: 300_000))
    #expect(log.progress.map(\.bytes) == log.progress.map(\.bytes).sorted())
  }

  @Test func uploadThatBreaksGoesOnWhereTheServerSaysItIs() async throws {
    let server = try await FileServer()
    server.state.withLock { $0.breaks = [100_000, 1, 0] }
    let (source, bytes) = try file(size: 300_000)
    let attachment = try await server.transfers().upload(source)
    #expect(server.state.withLock { $0.uploads[attachment.id]?.bytes } == bytes)
    #expect(
      server.requests == ["POST", "PATCH", "HEAD", "PATCH", "HEAD", "PATCH", "HEAD", "PATCH"])
  }

  @Test func uploadOfAnEarlierRunGoesOnUnderItsNumber() async throws {
    let server = try await FileServer()
    let (source, bytes) = try file(size: 1000)
    let id = AttachmentID(high: 3, low: 4)
    server.state.withLock { $0.uploads[id] = (1000, Array(bytes.prefix(400))) }
    let attachment = try await server.transfers().upload(source, resuming: id)
    #expect(attachment.id == id)
    #expect(server.state.withLock { $0.uploads[id]?.bytes } == bytes)
    #expect(server.requests == ["HEAD", "PATCH"])
  }

  @Test func uploadThatTheServerHasForgottenBeginsAgain() async throws {
    let server = try await FileServer()
    let (source, _) = try file(size: 10)
    let attachment = try await server.transfers().upload(
      source, resuming: AttachmentID(high: 3, low: 4))
    #expect(attachment.id == AttachmentID(high: 1, low: 2))
    #expect(server.requests == ["HEAD", "POST", "PATCH"])
  }

  @Test func finalRefusalIsHandedOnAndPassingOneWaitedOut() async throws {
    let server = try await FileServer()
    let (source, _) = try file(size: 10)
    server.state.withLock {
      $0.refusals = [
        (503, #"{"code":1300,"message":"later","data":{"retry_after":5}}"#), (502, "<html>"),
        (415, #"{"code":1402,"message":"not that"}"#),
      ]
    }
    await #expect(throws: TransferError.refused(RPCError(.unsupportedFormat, "not that"))) {
      try await server.transfers().upload(source)
    }
    #expect(server.requests == ["POST", "POST", "POST"])
  }

  @Test func fileThatHasChangedIsNotSent() async throws {
    let server = try await FileServer()
    let (source, _) = try file(size: 10)
    var longer = source
    longer.size = 11
    var older = source
    older.modified = 1
    for changed in [longer, older] {
      await #expect(throws: TransferError.fileChanged) {
        try await server.transfers().upload(changed)
      }
    }
    #expect(server.requests == [])
  }

  @Test func withoutSessionNothingIsSent() async throws {
    let server = try await FileServer()
    let (source, _) = try file(size: 10)
    await #expect(throws: TransferError.notSignedIn) {
      try await server.transfers(token: nil).upload(source)
    }
    #expect(server.requests == [])
  }

  @Test func whileTheConnectionIsAwayTheTokenIsShownToNobody() async throws {
    let server = try await FileServer()
    let (source, _) = try file(size: 10)
    let token = SessionToken()
    token.state = .away
    let running = Task { try await server.transfers(known: token).upload(source) }
    let cancelled = Task { try await server.transfers(known: token).upload(source) }
    cancelled.cancel()
    await #expect(throws: TransferError.cancelled) { try await cancelled.value }
    #expect(server.requests == [])
    token.state = .present(FileServer.token)
    _ = try await running.value
    #expect(server.requests == ["POST", "PATCH"])
  }

  @Test func theEndOfTheSessionEndsTheWaitForIt() async throws {
    let server = try await FileServer()
    let token = SessionToken()
    token.state = .away
    let (source, _) = try file(size: 10)
    let running = Task { try await server.transfers(known: token).upload(source) }
    token.state = .none
    await #expect(throws: TransferError.notSignedIn) { try await running.value }
  }

  @Test func serverThatIsGoneFailsAfterAWhile() async throws {
    let server = try await FileServer()
    let (source, _) = try file(size: 10)
    server.state.withLock { $0.breaks = Array(repeating: 0, count: 100) }
    await #expect(throws: TransferError.self) { try await server.transfers().upload(source) }
    #expect(server.requests.count <= 2 * TransferFailures.maximum + 1)
  }

  @Test func downloadIsWholeDurableAndPrivate() async throws {
    let server = try await FileServer()
    let bytes = content(200_000)
    let id = server.keep(bytes)
    let path = try TestDirectory.make("file.png")
    let log = TransferLog()
    try await server.transfers().download(id, size: 200_000, to: path) { log.note($0) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
    var status = stat()
    let isThere = stat(path, &status) == 0
    #expect(isThere)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(access(AttachmentTransfers.partialPath(of: path), F_OK) != 0)
    #expect(log.progress.first?.bytes == 0)
    #expect(log.progress.last?.bytes == 200_000)
  }

  @Test(arguments: [false, true])
  func downloadThatBreaksGoesOnFromWhatIsThere(ignoresRanges: Bool) async throws {
    let server = try await FileServer()
    server.state.withLock {
      $0.breaks = [70_000, 1000]
      $0.ignoresRanges = ignoresRanges
    }
    let bytes = content(200_000)
    let path = try TestDirectory.make("file.png")
    try await server.transfers().download(server.keep(bytes), size: 200_000, to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
    #expect(server.requests == ["GET", "GET", "GET"])
  }

  @Test func fileOfAnotherSizeThanAnnouncedIsNotTaken() async throws {
    let server = try await FileServer()
    let id = server.keep(content(2000))
    let path = try TestDirectory.make("file.png")
    await #expect(throws: TransferError.notUnderstood) {
      try await server.transfers().download(id, size: 1999, to: path)
    }
    #expect(access(path, F_OK) != 0)
    await #expect(throws: TransferError.self) {
      try await server.transfers().download(id, size: 3000, to: path)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func downloadIntoALinkIsRefused() async throws {
    let server = try await FileServer()
    let id = server.keep(content(10))
    let path = try TestDirectory.make("file.png")
    let target = try TestDirectory.make("target")
    #expect(symlink(target, AttachmentTransfers.partialPath(of: path)) == 0)
    await #expect(throws: TransferError.self) {
      try await server.transfers().download(id, size: 10, to: path)
    }
    #expect(access(target, F_OK) != 0)
  }

  @Test func cancelledTransferEndsAndKeepsWhatHasArrived() async throws {
    let server = try await FileServer()
    let bytes = content(10_000_000)
    let id = server.keep(bytes)
    let path = try TestDirectory.make("file.png")
    let running = Task {
      try await server.transfers().download(id, size: 10_000_000, to: path) {
        if $0.bytes > 0 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: TransferError.cancelled) { try await running.value }
    let partial = try Data(
      contentsOf: URL(fileURLWithPath: AttachmentTransfers.partialPath(of: path)))
    #expect(!partial.isEmpty)
    #expect(partial == Data(bytes.prefix(partial.count)))
  }

  private func content(_ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  private func file(size: Int) throws -> (UploadSource, [UInt8]) {
    let bytes = content(size)
    let path = try TestDirectory.make("source")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return (UploadSource(path: path, name: "会议 #1.png", size: Int64(size)), bytes)
  }
}

/// What a transfer told of itself.
private final class TransferLog: Sendable {
  private let state = Mutex<(ids: [AttachmentID], progress: [TransferProgress])>(([], []))

  var ids: [AttachmentID] { state.withLock { $0.ids } }
  var progress: [TransferProgress] { state.withLock { $0.progress } }

  func began(_ id: AttachmentID) { state.withLock { $0.ids.append(id) } }
  func note(_ progress: TransferProgress) { state.withLock { $0.progress.append(progress) } }
}
