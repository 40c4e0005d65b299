import Dispatch
import MartletClient
import MartletProtocol
import Synchronization
import TUICore

/// Performs what the application wants done about files: transfers, other programs, the disk.
///
/// Everything runs in the background; what comes of it is posted. Fetched files are in a directory of
/// the profile's, by their own identifiers, so that no name from outside is ever a path.
final class FileRunner: Sendable {
  /// What the command line and the environment say about it.
  struct Options: Sendable {
    /// Where files are saved.
    var downloadFolder: String
    /// The program that opens files.
    var opener: String
    var players: PlayerList
    /// Where programs are looked for.
    var programs: ProgramPath
  }

  /// The least time between two reports of a transfer's progress.
  private static let reportInterval = Duration.milliseconds(100)

  private let options: Options
  private let cache: FileCache
  private let transfers: @Sendable () -> AttachmentTransfers
  private let post: @Sendable (AttachmentAction) -> Void
  private let groups = ProcessGroups()
  private let player: PlayerProcess
  private let uploads = NamedTasks<IdempotencyKey>()
  private let downloads = NamedTasks<AttachmentID>()
  /// How what is being fetched arrives.
  private let arrivals = Mutex<[AttachmentID: Arrival]>([:])
  /// The picture that is being drawn: it is ended when another is wanted.
  private let drawing = Mutex<Task<Void, Never>?>(nil)
  /// The disk, one thing after the other.
  private let disk = DispatchQueue(label: "files")

  /// - Parameters:
  ///   - directory: the profile's.
  ///   - transfers: those of the session that there is at the moment.
  init(
    in directory: String, options: Options,
    transfers: @escaping @Sendable () -> AttachmentTransfers,
    post: @escaping @Sendable (AttachmentAction) -> Void
  ) {
    self.options = options
    self.transfers = transfers
    self.post = post
    cache = FileCache(directory: "\(directory)/files")
    player = PlayerProcess(in: groups, post: post)
    cache.removeOld()
  }

  /// Returns at once.
  func perform(_ effect: AttachmentEffect) {
    switch effect {
    case .inspect(let path, let purpose):
      disk.async { [post] in post(.inspected(path: path, purpose, LocalDisk.inspect(path))) }
    case .listDirectory(let path, let input):
      disk.async { [post] in post(.directoryListed(input: input, LocalDisk.entries(of: path))) }

    case .upload(let key, let file): upload(key, file)
    case .cancelUpload(let key, let id): cancelUpload(key, id)
    case .download(let attachment): download(attachment)
    case .cancelDownload(let id): cancelDownload(id)
    case .forget(let ids): forget(ids)
    case .stopAll: stopAll()

    case .save(let id, let path, let name):
      disk.async { [post, options] in
        post(.saved(id, LocalDisk.copy(path, into: options.downloadFolder, as: name)))
      }
    case .open(let path): open(path)
    case .drawPicture(let id, let path, let request): draw(id, path, request)
    case .play(let attachment): play(attachment)
    case .stopPlaying: player.stop()
    }
  }

  /// Ends everything, for the end of the program: no program that was started here runs when this
  /// returns, but for what the opener has opened.
  func close() {
    endTransfers()
    player.stop()
    groups.close()
  }

  // MARK: Transfers

  private func upload(_ key: IdempotencyKey, _ file: LocalFile) {
    uploads.start(key) { [self] in await send(file, for: key) }
  }

  private func send(_ file: LocalFile, for key: IdempotencyKey) async {
    let source = UploadSource(
      path: file.path, name: file.name, size: file.size, modified: file.modified)
    let report = throttled()
    do throws(TransferError) {
      let attachment = try await transfers().upload(
        source, resuming: file.upload, onBegin: { [post] in post(.uploadBegan(key, $0)) },
        onProgress: { [post] progress in
          report(progress) { post(.uploadAdvanced(key, bytes: $0)) }
        })
      post(.uploadFinished(key, attachment))
    } catch {
      if let failure = TransferFailure(error) { post(.uploadFailed(key, failure)) }
    }
  }

  private func cancelUpload(_ key: IdempotencyKey, _ id: AttachmentID?) {
    uploads.cancel(key)
    guard let id else { return }
    // Not told, the server removes it by itself within a day.
    Task { [transfers] in try? await transfers().discard(id) }
  }

  private func download(_ attachment: Attachment) {
    let arrival = Arrival()
    arrivals.withLock { $0[attachment.id] = arrival }
    downloads.start(attachment.id) { [self] in
      await fetch(attachment, arrival)
      arrivals.withLock { if $0[attachment.id] === arrival { $0[attachment.id] = nil } }
    }
  }

  private func fetch(_ attachment: Attachment, _ arrival: Arrival) async {
    let (id, path, report) = (attachment.id, cache.path(of: attachment), throttled())
    do {
      try cache.prepare()
      if !cache.isWhole(attachment) {
        try await transfers().download(
          id, size: attachment.size, to: path,
          onProgress: { [post] progress in
            arrival.note(progress.bytes)
            report(progress) { post(.downloadAdvanced(id, bytes: $0)) }
          })
        try await check(attachment, at: path)
      }
      arrival.end(isWhole: true)
      post(.downloadFinished(id, path: path))
    } catch {
      arrival.end(isWhole: false)
      let failure =
        switch error {
        case let error as TransferError: TransferFailure(error)
        case let error as SystemError: TransferFailure.file(FileProblem(code: error.code))
        case _: TransferFailure.interrupted
        }
      if let failure { post(.downloadFailed(id, failure)) }
    }
  }

  private func cancelDownload(_ id: AttachmentID) {
    downloads.cancel(id)
    // Under the same name: after what is being cancelled, and before it is fetched again.
    downloads.start(id) { [cache] in cache.remove([id]) }
  }

  /// Makes sure that a file is what its message says. Of a format that this client does not know nothing
  /// can be said, and no program is started for it.
  private func check(_ attachment: Attachment, at path: String) async throws {
    guard let format = attachment.format else { return }
    let isSound = await withCheckedContinuation { continuation in
      disk.async { continuation.resume(returning: Self.isSound(path, format)) }
    }
    guard !isSound else { return }
    cache.remove([attachment.id])
    throw TransferError.notUnderstood
  }

  private static func isSound(_ path: String, _ format: AttachmentFormat) -> Bool {
    // Whatever is wrong with it, it is not handed on; people are told that it is not the file.
    (try? FetchedFile.check(path, as: format)) != nil
  }

  /// Of what else was cleared nobody knows the identifiers: what is fetched of no running transfer goes.
  private func forget(_ ids: [AttachmentID]) {
    for id in ids { player.stop(id) }
    let tasks = ids.compactMap { downloads.cancel($0) }
    remove(after: tasks) { [downloads] cache in
      cache.remove(Set(ids))
      cache.removeParts(besides: downloads.names)
    }
  }

  private func stopAll() {
    player.stop()
    remove(after: endTransfers()) { $0.removeAll() }
  }

  /// Removes files once nobody writes them any more.
  private func remove(
    after tasks: [Task<Void, Never>], _ remove: @escaping @Sendable (FileCache) -> Void
  ) {
    Task { [cache, disk] in
      for task in tasks { await task.value }
      disk.async { remove(cache) }
    }
  }

  @discardableResult
  private func endTransfers() -> [Task<Void, Never>] {
    drawing.withLock { $0?.cancel() }
    return uploads.cancelAll() + downloads.cancelAll()
  }

  /// Lets a few reports a second through, and the last one.
  private func throttled() -> @Sendable (TransferProgress, (Int64) -> Void) -> Void {
    let last = Mutex<ContinuousClock.Instant?>(nil)
    let gate: @Sendable (TransferProgress, (Int64) -> Void) -> Void = { progress, report in
      let now = ContinuousClock.now
      let isDue = last.withLock { last in
        if let last, last.duration(to: now) < Self.reportInterval, progress.bytes < progress.total {
          return false
        }
        last = now
        return true
      }
      if isDue { report(progress.bytes) }
    }
    return gate
  }

  // MARK: Other programs

  private func open(_ path: String) {
    Task { [options, post] in
      guard let program = options.programs.find(options.opener) else {
        return post(.openerMissing(options.opener))
      }
      guard await ExternalProgram.runDetached(program, [path]) else {
        return post(.openerFailed(options.opener))
      }
    }
  }

  private func draw(_ id: AttachmentID, _ path: String, _ request: PictureRequest) {
    let task = Task { [options, groups, post] in
      guard let program = options.programs.find("chafa") else {
        return post(.pictureDrawn(id, request, .failure(.programMissing)))
      }
      // Of how many pixels it is, before a program makes room for them.
      guard let format = AttachmentFormat(fileName: path), Self.isSound(path, format) else {
        return post(.pictureDrawn(id, request, .failure(.failed)))
      }
      let output = await ExternalProgram.output(
        of: program, request.chafaArguments(path: path), in: groups)
      guard !Task.isCancelled else { return }
      let picture = output.map { request.picture(from: $0) }
      post(.pictureDrawn(id, request, picture.map { .success($0) } ?? .failure(.failed)))
    }
    drawing.withLock { drawing in
      drawing?.cancel()
      drawing = task
    }
  }

  private func play(_ attachment: Attachment) {
    // Also when there is nothing to play the next one with: nobody could stop it any more.
    player.stop()
    let format = attachment.format
    let choice = format.flatMap { format in
      options.players.choose(for: format) { options.programs.find($0) != nil }
    }
    guard let choice, let program = options.programs.find(choice.player.program) else {
      let names = format.map { options.players.names(for: $0) } ?? []
      return post(.playerEnded(attachment.id, .missing(names)))
    }
    let arrival = arrivals.withLock { $0[attachment.id] }
    guard arrival != nil || cache.isWhole(attachment) else {
      // It failed before it could be waited for; why is said where it was fetched.
      return post(.playerEnded(attachment.id, .finished))
    }
    player.play(
      PlayerProcess.Sound(
        id: attachment.id, path: cache.path(of: attachment), size: attachment.size,
        arrival: arrival),
      choice, program: program)
  }
}

extension TransferFailure {
  /// `nil` when it was given up on purpose.
  init?(_ error: TransferError) {
    switch error {
    case .cancelled: return nil
    case .refused(let error): self = .refused(error)
    case .notSignedIn, .interrupted: self = .interrupted
    case .notUnderstood: self = .notUnderstood
    case .fileChanged: self = .fileChanged
    case .file(let code): self = .file(FileProblem(code: code))
    }
  }
}
