import Glibc
import MartletProtocol
import Subprocess
import Synchronization
import SystemPackage
import TUICore

/// The one program that plays at a time.
final class PlayerProcess: Sendable {
  /// What is to be played.
  struct Sound: Sendable {
    let id: AttachmentID
    /// Where it is, or will be once it is whole.
    let path: String
    /// Its size in bytes.
    let size: Int64
    /// How it arrives; `nil` when it is whole.
    let arrival: Arrival?
  }

  /// How much goes to a player at once.
  private static let chunkBytes = 64 * 1024

  private struct Running {
    let id: AttachmentID
    let task: Task<Void, Never>
  }

  private let running = Mutex<Running?>(nil)
  private let groups: ProcessGroups
  private let post: @Sendable (AttachmentAction) -> Void

  /// - Parameter groups: where the program is listed while it runs.
  init(in groups: ProcessGroups, post: @escaping @Sendable (AttachmentAction) -> Void) {
    self.groups = groups
    self.post = post
  }

  /// Plays a sound in the place of the one before, from its first bytes where the player takes them.
  func play(_ sound: Sound, _ choice: PlayerChoice, program: String) {
    running.withLock { running in
      running?.task.cancel()
      let task = Task { [self] in
        let end = await run(sound, choice, program: program)
        let isCurrent = self.running.withLock { running in
          guard running?.id == sound.id, !Task.isCancelled else { return false }
          running = nil
          return true
        }
        if isCurrent { post(.playerEnded(sound.id, end)) }
      }
      running = Running(id: sound.id, task: task)
    }
  }

  /// Stops, if it plays that, or anything for `nil`.
  func stop(_ id: AttachmentID? = nil) {
    running.withLock { running in
      guard let playing = running, id == nil || playing.id == id else { return }
      playing.task.cancel()
      running = nil
    }
  }

  private func run(
    _ sound: Sound, _ choice: PlayerChoice, program: String
  ) async -> PlayerEnd {
    var streams = false
    if let arrival = sound.arrival {
      // With its first bytes it is known whether there is anything to wait for.
      if choice.isStreaming { streams = await !arrival.more(than: 0).isOver }
      // Why it did not come is said where it was fetched.
      if !streams { guard await arrival.isWhole() else { return .finished } }
      guard !Task.isCancelled else { return .finished }
    }
    let name = choice.player.program
    do {
      let status =
        streams
        ? try await stream(sound, choice, program: program)
        : try await playFile(sound, choice, program: program)
      return status.isSuccess ? .finished : .failed(program: name)
    } catch {
      return .failed(program: name)
    }
  }

  private func playFile(
    _ sound: Sound, _ choice: PlayerChoice, program: String
  ) async throws -> TerminationStatus {
    let arguments = choice.fileArguments(path: sound.path)
    var group: pid_t?
    defer { groups.remove(group) }
    return try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments),
      platformOptions: ExternalProgram.options, input: .none, output: .discarded,
      error: .discarded
    ) { execution in
      group = execution.processIdentifier.value
      started(sound, choice, execution.processIdentifier.value)
    }.terminationStatus
  }

  private func stream(
    _ sound: Sound, _ choice: PlayerChoice, program: String
  ) async throws -> TerminationStatus {
    let arguments = choice.arguments(path: sound.path)
    var group: pid_t?
    defer { groups.remove(group) }
    return try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments),
      platformOptions: ExternalProgram.options, input: .inputWriter, output: .discarded,
      error: .discarded
    ) { execution in
      group = execution.processIdentifier.value
      started(sound, choice, execution.processIdentifier.value)
      let writer = execution.standardInputWriter
      do {
        try await feed(sound) { try await writer.write($0) }
      } catch {
        // A player may stop listening when it has heard enough; how it ends tells.
      }
      try await writer.finish()
    }.terminationStatus
  }

  private func started(_ sound: Sound, _ choice: PlayerChoice, _ process: pid_t) {
    groups.insert(process)
    let isCurrent = running.withLock { $0?.id == sound.id }
    if isCurrent { post(.playerStarted(sound.id, program: choice.player.program)) }
  }

  /// Hands the file on as it arrives.
  ///
  /// - Parameter write: returns how much was taken: not everything once the player has ended.
  private func feed(_ sound: Sound, _ write: ([UInt8]) async throws -> Int) async throws {
    guard let arrival = sound.arrival else { return }
    var file: Int32 = -1
    defer { if file >= 0 { close(file) } }
    var offset: Int64 = 0
    while offset < sound.size, !Task.isCancelled {
      let (present, isOver) = await arrival.more(than: offset)
      if file < 0 { file = open(sound) }
      guard file >= 0 else { return }
      while offset < present, !Task.isCancelled {
        let count = Int(min(Int64(Self.chunkBytes), present - offset))
        var buffer = [UInt8](repeating: 0, count: count)
        let got = try SystemError.check("pread") { pread(file, &buffer, count, off_t(offset)) }
        guard got > 0 else { return }
        guard try await write(Array(buffer[..<got])) == got else { return }
        offset += Int64(got)
      }
      if isOver, offset >= present { return }
    }
  }

  /// The file while it arrives, or under its own name once it has.
  private func open(_ sound: Sound) -> Int32 {
    let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC
    let partial = Glibc.open(FileCache.partialPath(of: sound.path), flags)
    return partial >= 0 ? partial : Glibc.open(sound.path, flags)
  }
}
