import Glibc
import MartletClient
import MartletProtocol
import TUICore

/// The one loop: keys, signals, timers and results come in as actions, the state answers with
/// effects, and what the state looks like is drawn. It is the only thread that touches the terminal.
///
/// It runs on the main thread and suspends nowhere but in `poll`, so that a key is on the screen
/// without a hop in between and an idle client never wakes up.
final class AppLoop {
  /// The least time between two frames, for when more happens than anybody can read: 60 a second.
  private static let frameInterval = Duration.microseconds(16_667)

  private var state: AppState
  private let terminal: CursesSession
  private let screen: CursesScreen
  private var input: TerminalInput
  private let pipe: WakePipe
  private let queue: ActionQueue
  private let session: ChatSession
  private let saved: SavedStateKeeper
  private let history: HistoryStore?
  private let files: FileRunner
  private let time: ClientTime

  private var timers: [TimerName: ContinuousClock.Instant] = [:]
  private var size: Size
  private var mustDraw = true
  /// Whether to ring with the next frame: once, however many messages it shows.
  private var mustRing = false
  /// When the next frame may be drawn. One that shows what was typed may be drawn one interval sooner.
  private var frameDue = ContinuousClock.now
  private var hasTyped = false
  private var isOver = false

  init(
    configuration: Configuration, terminal: CursesSession, screen: CursesScreen, pipe: WakePipe,
    queue: ActionQueue, session: ChatSession, saved: SavedStateKeeper,
    history: HistoryStore?, restored: CachedSession?, files: FileRunner, time: ClientTime
  ) {
    size = CursesSession.windowSize
    state = AppState(configuration: configuration, size: size)
    self.terminal = terminal
    self.screen = screen
    self.pipe = pipe
    self.queue = queue
    self.session = session
    self.saved = saved
    self.history = history
    self.files = files
    self.time = time
    input = TerminalInput(pipe: pipe, keys: terminal.keys)
    if let restored { apply(.cacheRestored(restored)) }
  }

  /// Runs until the user leaves, a signal asks for it, or the terminal is gone.
  func run() {
    while !isOver {
      draw()
      let wake = input.wait(timeout: timeout)
      receive(wake.signals)
      for event in wake.events {
        hasTyped = true
        apply(.input(event))
      }
      if wake.isHungUp { terminate() }
      apply(queue.drain())
      fireTimers()
    }
  }

  // MARK: What comes in

  private func apply(_ action: Action) { apply([action]) }

  private func apply(_ actions: [Action]) {
    guard !isOver, !actions.isEmpty else { return }
    mustDraw = true
    let environment = Environment(now: time.wall()) { [time] in IdempotencyKey(at: time.wall()) }
    for effect in state.apply(actions, environment) { perform(effect) }
  }

  private func receive(_ signals: Set<Int32>) {
    if signals.contains(SIGTSTP) { suspend() }
    if signals.contains(SIGCONT) {
      // Stopped behind our back: whoever had the terminal meanwhile left it as he liked.
      terminal.suspended {}
      redraw()
    }
    if signals.contains(SIGWINCH) { resize() }
    if !signals.isDisjoint(with: [SIGTERM, SIGHUP, SIGINT]) { terminate() }
  }

  private func resize() {
    let new = terminal.resize()
    guard new != size else { return }
    size = new
    apply(.resized(new))
  }

  /// Ends without asking: there may be nobody left to answer.
  private func terminate() {
    apply(.terminated)
    isOver = true
  }

  private func fireTimers() {
    guard !timers.isEmpty else { return }
    let now = ContinuousClock.now
    // In the order in which they were to fire.
    let due = timers.filter { $0.value <= now }.sorted { $0.value < $1.value }
    for (name, _) in due {
      timers[name] = nil
      apply(.timerFired(name))
    }
  }

  /// How long nothing can happen by itself; `nil` for ever.
  private var timeout: Duration? {
    let now = ContinuousClock.now
    let frame = mustDraw ? nextFrame : nil
    let next = [timers.values.min(), frame].compactMap { $0 }.min()
    return next.map { max(.zero, now.duration(to: $0)) }
  }

  // MARK: What goes out

  private var nextFrame: ContinuousClock.Instant {
    hasTyped ? frameDue - Self.frameInterval : frameDue
  }

  private func draw() {
    let now = ContinuousClock.now
    guard mustDraw, nextFrame <= now else { return }
    // Nobody sees the input cleared before what was in it is on disk.
    saved.waitUntilKept()
    screen.draw(render(state, size: size))
    mustDraw = false
    hasTyped = false
    frameDue = max(now, frameDue) + Self.frameInterval
    if mustRing { terminal.bell() }
    mustRing = false
  }

  private func redraw() {
    screen.invalidate()
    mustDraw = true
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .signIn(let name, let password):
      session.start(.password(name: name, password: password))
    case .register(let name, let password, let invite):
      session.start(.registration(name: name, password: password, invite: invite))
    case .logout: session.logout()
    case .reconnect: session.reconnect()
    case .trustServer(let fingerprint): session.trust(fingerprint)

    case .loadContacts(let after, let limit): session.loadContacts(after: after, limit: limit)
    case .loadRecentContacts(let limit): session.loadRecentContacts(limit: limit)
    case .watchPresence(let users): session.watchPresence(of: users)
    case .loadHistory(let target, let anchor, let limit):
      session.loadHistory(target, anchor, limit: limit)
    case .search(let page, let limit): session.search(page, limit: limit)
    case .searchEverywhere(let query, let after, let limit):
      session.searchEverywhere(query, after: after, limit: limit)
    case .send(let message):
      saved.waitUntilKept()
      session.send(message)
    case .markRead(let conversation, let sequence):
      session.markRead(conversation, upTo: sequence)
    case .typing(let conversation): session.notifyTyping(in: conversation)
    case .clearHistory(let conversation): session.clearHistory(of: conversation)
    case .loadSessions: session.loadSessions()
    case .revokeSession(let id): session.revoke(id)
    case .changePassword(let current, let new): session.changePassword(from: current, to: new)

    case .loadSaved(let user):
      let state = session.serverIdentity.map { saved.load(user, serverID: $0.id) } ?? SavedState()
      // Through the queue like every other result: effects never call back.
      queue.post(.savedLoaded(user, state))
    case .saveDraft(let user, let target, let text): saved.saveDraft(user, target, text)
    case .saveOutbox(let user, let messages, let drafts):
      saved.saveOutbox(user, messages, drafts: drafts)
    case .scrubSaved: saved.scrub()

    case .cache(let effect): perform(effect)
    case .attachments(let effect): files.perform(effect)

    case .bell: mustRing = true
    case .copy(let text): terminal.copy(text)
    case .setTitle(let title): terminal.setTitle(title)
    case .redraw: redraw()
    case .suspend: suspend()
    case .quit: isOver = true
    case .schedule(let name, let milliseconds):
      timers[name] = .now + .milliseconds(min(max(0, milliseconds), 86_400_000))
    }
  }

  private func perform(_ effect: CacheEffect) {
    switch effect {
    case .begin(let user):
      guard let (serverID, epoch) = session.serverIdentity else { return }
      history?.begin(user, serverID: serverID, epoch: epoch)
    case .store(let changes): history?.store(changes)
    case .loadHistory(let user, let conversation):
      history?.load(user, conversation) { [queue] history in
        queue.post(.cachedHistoryLoaded(user, history))
      }
    case .erase: history?.erase()
    }
  }

  private func suspend() {
    var signals: Set<Int32> = []
    terminal.suspended {
      Signals.stopProcess(waking: pipe)
      signals = pipe.drain()
    }
    redraw()
    resize()
    receive(signals.subtracting([SIGTSTP, SIGCONT, SIGWINCH]))
  }
}
