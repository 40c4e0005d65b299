import Dispatch
import FoundationEssentials
import Glibc
import MartletProtocol
import TUICore
import Testing

@testable import TUIApp

/// Programs that are started, with shell scripts in their place.
@Suite struct PlayerProcessTests {
  /// A named pipe that a script and all that it starts hold open: its end is theirs.
  private struct Lifeline {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
      self.path = path
      try SystemError.check("mkfifo") { mkfifo(path, 0o600) }
      descriptor = try SystemError.check("open") { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    }

    /// The next that is written to it; empty once nobody holds it any more, `nil` when nothing happens.
    func next() async -> String? {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async { [descriptor] in
          var readable = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          guard poll(&readable, 1, 20_000) == 1 else { return continuation.resume(returning: nil) }
          var buffer = [UInt8](repeating: 0, count: 64)
          let count = max(0, read(descriptor, &buffer, buffer.count))
          continuation.resume(returning: String(decoding: buffer[..<count], as: UTF8.self))
        }
      }
    }

    func close() { _ = Glibc.close(descriptor) }
  }

  @Test func stoppingAPlayerStopsWhatItHasStarted() async throws {
    let directory = try TemporaryDirectory()
    let line = try Lifeline(directory.path + "/line")
    defer { line.close() }
    let script = directory.path + "/play"
    // As where a player is a script around the real one.
    try "#!/bin/sh\nexec 3>'\(line.path)'\nsleep 60 &\necho plays >&3\nwait\n"
      .write(toFile: script, atomically: true, encoding: .utf8)
    #expect(chmod(script, 0o755) == 0)
    let list = try #require(PlayerList(parsing: script))
    let choice = try #require(list.choose(for: .wav) { _ in true })
    let player = PlayerProcess(in: ProcessGroups()) { _ in }
    let sound = PlayerProcess.Sound(
      id: AttachmentID(high: 1, low: 1), path: directory.path + "/a.wav", size: 1, arrival: nil)
    player.play(sound, choice, program: script)
    #expect(await line.next() == "plays\n")
    player.stop()
    #expect(await line.next() == "")
  }

  @Test func whatIsStartedTooLateIsKilledAtOnce() async {
    let groups = ProcessGroups()
    groups.close()
    // Left alone, it would print.
    let output = await ExternalProgram.output(
      of: "/bin/sh", ["-c", "sleep 2; echo drawn"], in: groups)
    #expect(output == nil)
  }

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
