import Testing

@testable import TUIApp

@Suite struct NamedTasksTests {
  @Test func workUnderOneNameWaitsForWhatIsBeingCancelled() async {
    let tasks = NamedTasks<Int>()
    let (steps, note) = AsyncStream<String>.makeStream()
    let (gate, open) = AsyncStream<Void>.makeStream()
    tasks.start(1) {
      note.yield("first begins")
      // Deaf to its cancellation for a while, as a write to a disk is.
      await Task.detached { for await _ in gate { break } }.value
      note.yield("first ends")
    }
    var seen = steps.makeAsyncIterator()
    #expect(await seen.next() == "first begins")
    tasks.cancel(1)
    tasks.start(1) {
      note.yield("second begins")
      // Ends when it is cancelled, and only then.
      try? await Task.sleep(for: .seconds(600))
      note.yield("second is cancelled: \(Task.isCancelled)")
    }
    open.yield()
    #expect(await seen.next() == "first ends")
    #expect(await seen.next() == "second begins")
    tasks.cancel(1)
    #expect(await seen.next() == "second is cancelled: true")
  }
}
