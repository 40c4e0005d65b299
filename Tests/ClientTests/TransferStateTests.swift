import FoundationEssentials
import MartletProtocol
import Testing

@testable import MartletClient

@Suite struct TransferStateTests {
  private let id = AttachmentID(high: 1, low: 2)

  private func upload(_ offset: Int64, status: Int = 200) -> TransferAnswer {
    TransferAnswer(status: status, body: Data(#"{"id":"\#(id)","offset":\#(offset)}"#.utf8))
  }

  @Test func conflictGoesOnWhereTheServerIs() {
    var state = UploadState(size: 100)
    #expect(state.begin() == .create)
    #expect(state.answered(upload(0, status: 201)) == .append(id, from: 0))
    let conflict = TransferAnswer(
      status: 409, uploadOffset: 40, body: Data(#"{"code":1406,"message":""}"#.utf8))
    #expect(state.answered(conflict) == .append(id, from: 40))
    // The same place again is no news: somebody else is still at it.
    guard case .pause = state.answered(conflict) else {
      Issue.record("expected a pause")
      return
    }
    #expect(state.resume() == .ask(id))
  }

  @Test func conflictWithoutEndIsGivenUp() {
    var state = UploadState(size: 100, resuming: id)
    _ = state.begin()
    let conflict = TransferAnswer(status: 409)
    var step = state.answered(conflict)
    for _ in 0..<100 {
      guard case .pause = step else { break }
      _ = state.resume()
      step = state.answered(conflict)
    }
    guard case .failed(.refused(let error)) = step else {
      Issue.record("expected an end, not \(step)")
      return
    }
    #expect(error.code == .uploadConflict)
  }

  @Test(arguments: ["", "{}", "[]", #"{"id":"x","offset":0}"#])
  func answerOfSomethingElseIsNotUnderstood(body: String) {
    var state = UploadState(size: 100)
    _ = state.begin()
    let answer = TransferAnswer(status: 201, body: Data(body.utf8))
    #expect(state.answered(answer) == .failed(.notUnderstood))
  }

  @Test func impossibleOffsetsAreNotUnderstood() {
    for offset in [-1, 101, Int64.max, Int64.min] {
      var state = UploadState(size: 100)
      _ = state.begin()
      #expect(state.answered(upload(offset, status: 201)) == .failed(.notUnderstood))
      var resumed = UploadState(size: 100, resuming: id)
      _ = resumed.begin()
      let answer = TransferAnswer(status: 200, uploadOffset: offset)
      #expect(resumed.answered(answer) == .failed(.notUnderstood))
    }
  }

  @Test func serverThatTakesNothingIsNotAskedForEver() {
    var state = UploadState(size: 100)
    _ = state.begin()
    var step = state.answered(upload(0, status: 201))
    var count = 0
    while case .append = step, count < 100 {
      step = state.answered(upload(0))
      count += 1
    }
    #expect(step == .failed(.notUnderstood))
  }

  @Test(arguments: [
    ("bytes 5-9/10", true), ("bytes 5-8/10", false), ("bytes 9-5/10", false),
    ("bytes -5-9/10", false), ("bytes */10", false), ("5-9/10", false), ("bytes 5-9/*", false),
    ("bytes 5-9/10/11", false), ("bytes 99999999999999999999-9/10", false),
    ("bytes 0-9/\(Int64.min)", false),
    ("bytes 0-0/0", false), ("bytes 0-9223372036854775806/9223372036854775807", true),
  ])
  func rangesAreReadExactly(text: String, isRange: Bool) {
    let range = DownloadState.Head.range(parsing: text)
    #expect((range != nil) == isRange)
  }

  @Test func answerToAnotherRangeIsNotTaken() throws {
    var state = DownloadState(size: 10, offset: 5)
    #expect(state.begin() == .fetch(from: 5))
    #expect(throws: TransferError.notUnderstood) {
      try state.accept(DownloadState.Head(status: 206, range: (4, 10)))
    }
    #expect(throws: TransferError.notUnderstood) {
      try state.accept(DownloadState.Head(status: 206))
    }
    #expect(try state.accept(DownloadState.Head(status: 206, range: (5, 10))) == 5)
    #expect(throws: TransferError.notUnderstood) { try state.received(6) }
    try state.received(5)
    #expect(state.ended() == .finished)
  }

  @Test func serverThatForgetsTheSameBytesAgainAndAgainIsGivenUp() throws {
    var upload = UploadState(size: 100)
    _ = upload.begin()
    var step = upload.answered(self.upload(0, status: 201))
    let conflict = TransferAnswer(
      status: 409, uploadOffset: 0, body: Data(#"{"code":1406,"message":""}"#.utf8))
    for _ in 0..<100 {
      guard case .append = step else { break }
      _ = upload.answered(self.upload(50))
      step = upload.answered(conflict)
    }
    guard case .failed = step else {
      Issue.record("expected an end, not \(step)")
      return
    }
    var download = DownloadState(size: 100)
    var next = download.begin()
    for _ in 0..<100 {
      if case .failed = next { return }
      // From the beginning each time, as of a server that knows nothing of ranges.
      _ = try download.accept(DownloadState.Head(status: 200))
      try download.received(50)
      next = download.broke("gone")
    }
    Issue.record("expected an end, not \(next)")
  }

  @Test func namesInQueriesHoldNothingButUnreservedCharacters() {
    #expect(percentEncoded("a b&c=d/会.png") == "a%20b%26c%3Dd%2F%E4%BC%9A.png")
  }
}
