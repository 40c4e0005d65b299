import FoundationEssentials
import Glibc
import MartletProtocol
import Synchronization
import TestSupport
import Testing

@testable import MartletClient
@testable import TUIApp
@testable import TUICore

/// A runner with programs of the test's own and a server that is away.
final class FileDesk: Sendable {
  // Testing has one, too.
  typealias Attachment = MartletProtocol.Attachment

  let directory: TemporaryDirectory
  let runner: FileRunner
  /// The waits of transfers for the server, in order.
  let naps: Inbox<Nap>
  /// One for each transfer that was begun.
  let begun: Inbox<Void>
  private let actions: Inbox<AttachmentAction>
  private let port: ClosedPort
  private let identifiers = Mutex<UInt64>(0)

  var programs: String { directory.path + "/bin" }
  private var nextIdentifier: UInt64 {
    identifiers.withLock {
      $0 += 1; return $0
    }
  }
  private var cache: FileCache { FileCache(directory: directory.path + "/files") }

  /// - Parameter token: `nil` when nobody is signed in.
  init(token: String? = "token") throws {
    // As the client does when it starts.
    signal(SIGPIPE, SIG_IGN)
    let (actions, naps) = (Inbox<AttachmentAction>(), Inbox<Nap>())
    let begun = Inbox<Void>()
    (self.actions, self.naps, self.begun) = (actions, naps, begun)
    directory = try TemporaryDirectory()
    try SystemError.check("mkdir") { [directory] in mkdir(directory.path + "/bin", 0o700) }
    port = try ClosedPort()
    let known = SessionToken()
    known.state = token.map(SessionToken.State.present) ?? .none
    var time = ClientTime.system
    time.sleep = { _ in
      await withCheckedContinuation { naps.append(Nap($0)) }
      try Task.checkCancellation()
    }
    let transfers = AttachmentTransfers(
      channel: TransferChannel(
        address: port.address, connectTimeout: .seconds(5), tls: TrustedServer(TLSPolicy()),
        group: ClientConfiguration(address: port.address, name: "", device: "").group),
      backoff: BackoffPolicy(), time: time, token: known)
    runner = FileRunner(
      in: directory.path,
      options: FileRunner.Options(
        downloadFolder: directory.path + "/downloads", opener: "open", players: .standard,
        programs: ProgramPath(directory.path + "/bin")),
      transfers: {
        begun.append(())
        return transfers
      }, post: { actions.append($0) })
  }

  // MARK: What is there

  /// Makes a program of shell text, which keeps its note in `$0.log`.
  func program(_ name: String, _ script: String) throws {
    let path = "\(programs)/\(name)"
    try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
    try SystemError.check("chmod") { chmod(path, 0o700) }
  }

  /// A sound that is not here yet: more than a pipe takes.
  func attachment(_ format: AttachmentFormat) -> Attachment {
    Attachment(
      id: AttachmentID(high: 7, low: nextIdentifier), name: "song", mediaType: format.mediaType,
      size: 1 << 20)
  }

  /// A sound that is here already.
  func fetched(_ format: AttachmentFormat) throws -> Attachment {
    let sound = attachment(format)
    try fill(cache.path(of: sound), sound.size)
    return sound
  }

  /// A sound of which all but one byte is here, and which is asked for.
  func arriving(_ format: AttachmentFormat) throws -> Attachment {
    let sound = attachment(format)
    try fill(FileCache.partialPath(of: cache.path(of: sound)), sound.size - 1)
    runner.perform(.download(sound))
    return sound
  }

  private func fill(_ path: String, _ size: Int64) throws {
    try cache.prepare()
    let file = try SystemError.check("open") { open(path, O_WRONLY | O_CREAT, 0o600) }
    defer { close(file) }
    try SystemError.check("ftruncate") { ftruncate(file, off_t(size)) }
  }

  // MARK: What comes

  /// The first thing that is reported and wanted; what was reported before it is dropped.
  @discardableResult
  func next<Value>(_ pick: (AttachmentAction) throws -> Value?) async throws -> Value {
    while let action = try await actions.next() {
      if let value = try pick(action) { return value }
    }
    throw Failure("the runner is gone")
  }

  func expectStarted(_ sound: Attachment, _ program: String) async throws {
    try await next { action in
      switch action {
      case .playerStarted(sound.id, program: program): return ()
      case .playerEnded(_, let end): throw Failure("the player ended: \(end)")
      case _: return nil
      }
    }
  }

  /// How the player of a sound ends, when it is not started any more.
  func end(of sound: Attachment) async throws -> PlayerEnd {
    try await next { action in
      switch action {
      case .playerStarted(sound.id, let program): throw Failure("\(program) was started")
      case .playerEnded(sound.id, let end): return end
      case _: return nil
      }
    }
  }

  /// What `chafa` draws.
  func draw(
    _ path: String, colours: PictureRequest.Colours, usesASCII: Bool
  ) async throws -> Result<Picture, PictureProblem> {
    let id = AttachmentID(high: 7, low: nextIdentifier)
    let request = PictureRequest(
      size: Size(columns: 20, rows: 8), colours: colours, usesASCII: usesASCII)
    runner.perform(.drawPicture(id, path: path, request))
    return try await next { action in
      guard case .pictureDrawn(id, request, let result) = action else { return nil }
      return result
    }
  }

  // MARK: Processes

  func note(of program: String) throws -> String {
    try String(contentsOfFile: "\(programs)/\(program).log", encoding: .utf8)
  }

  /// The process of which a program has noted the number.
  func process(of program: String) async throws -> pid_t {
    try await eventually("a note of \(program)") {
      // There is none before it runs, and there may be half of one while it writes.
      guard let text = try? note(of: program), text.hasSuffix("\n") else { return nil }
      return pid_t(text.dropLast())
    }
  }

  /// Waits until a process has ended, whether or not somebody has taken note of that.
  func untilGone(_ process: pid_t) async throws {
    try await eventually("the end of process \(process)") {
      // Gone, or a zombie: that has no command line.
      let line = (try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))) ?? Data()
      return line.isEmpty ? () : nil
    }
  }
}

/// A wait that lasts until it is ended or nobody has it any more.
final class Nap: Sendable {
  private let continuation: Mutex<CheckedContinuation<Void, Never>?>

  init(_ continuation: CheckedContinuation<Void, Never>) {
    self.continuation = Mutex(continuation)
  }

  deinit { end() }

  func end() {
    let continuation = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    continuation?.resume()
  }
}
