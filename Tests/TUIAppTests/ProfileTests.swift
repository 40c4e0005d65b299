import Glibc
import Logging
import MartletClient
import MartletProtocol
import TUICore
import Testing

@testable import TUIApp

struct ProfileTests {
  private let directory: TemporaryDirectory
  private let server: ServerAddress

  init() throws {
    directory = try TemporaryDirectory()
    server = try ServerAddress(parsing: "ws://127.0.0.1:7788")
  }

  @Test(arguments: [
    "", ".", "..", "../up", "a/b", "/abs", ".hidden", "-x", "a b", "a\u{0}b", "名", "a\n",
    String(repeating: "a", count: 65),
  ])
  func nameThatCouldLeadElsewhereIsRefused(text: String) {
    #expect(ProfileName(text) == nil)
  }

  @Test(arguments: ["a", "default", "work-2", "alice_b.c", "7"])
  func plainNameIsAName(text: String) {
    #expect(ProfileName(text)?.description == text)
  }

  @Test func namedProfileInUseIsRefusedAndTheMessageNamesTheOption() throws {
    let name = try #require(ProfileName("work"))
    let first = try Profile.claim(name, in: directory.path)
    let error = #expect(throws: StartError.self) {
      try Profile.claim(name, in: directory.path)
    }
    #expect(error?.description.contains("--profile") == true)
    withExtendedLifetime(first) {}
  }

  @Test func unnamedProfilesAreNumberedAndTheirNumbersUsedAgain() throws {
    let first = try Profile.claim(nil, in: directory.path)
    var second: Profile? = try Profile.claim(nil, in: directory.path)
    let third = try Profile.claim(nil, in: directory.path)
    #expect(
      [first, second, third].map { $0?.name.description } == ["default", "default-2", "default-3"])
    second = nil
    #expect(try Profile.claim(nil, in: directory.path).name.description == "default-2")
    withExtendedLifetime((first, third)) {}
  }

  @Test func profileIsForItsOwnerOnlyAlsoWhenItWasNot() throws {
    let name = try #require(ProfileName("work"))
    _ = try Profile.claim(name, in: directory.path)
    #expect(try directory.mode(of: "profiles/work") == 0o700)
    chmod("\(directory.path)/profiles/work", 0o755)
    _ = try Profile.claim(name, in: directory.path)
    #expect(try directory.mode(of: "profiles/work") == 0o700)
  }

  @Test func profileDirectoryThatIsALinkIsRefused() throws {
    try PrivateFile.makeDirectory("\(directory.path)/profiles")
    try PrivateFile.makeDirectory("\(directory.path)/elsewhere")
    symlink("\(directory.path)/elsewhere", "\(directory.path)/profiles/work")
    let name = try #require(ProfileName("work"))
    #expect(throws: StartError.self) { try Profile.claim(name, in: directory.path) }
  }

  @Test func nobodyElseCanPutAProfileInThePlaceOfOurs() throws {
    let state = "\(directory.path)/state"
    try PrivateFile.makeDirectory("\(state)/profiles")
    chmod(state, 0o777)
    chmod("\(state)/profiles", 0o775)
    let (work, new) = (try #require(ProfileName("work")), try #require(ProfileName("new")))
    _ = try Profile.claim(work, in: state)
    #expect(try directory.mode(of: "state") == 0o755)
    #expect(try directory.mode(of: "state/profiles") == 0o755)
    guard getuid() == 0 else { return }
    #expect(chown("\(state)/profiles", 65_534, 65_534) == 0)
    #expect(throws: StartError.self) { try Profile.claim(new, in: state) }
    #expect(access("\(state)/profiles/new", F_OK) != 0)
  }

  @Test func fetchedFilesAreInADirectoryOfOursAlone() throws {
    let cache = FileCache(directory: "\(directory.path)/files")
    try cache.prepare()
    chmod(cache.directory, 0o777)
    try cache.prepare()
    #expect(try directory.mode(of: "files") == 0o700)
    rmdir(cache.directory)
    symlink("\(directory.path)/elsewhere", cache.directory)
    #expect(throws: SystemError.self) { try cache.prepare() }
    mkdir("\(directory.path)/elsewhere", 0o755)
    #expect(throws: SystemError.self) { try cache.prepare() }
    #expect(try directory.mode(of: "elsewhere") == 0o755)
  }

  @Test func stateDirectoryFollowsTheSpecification() throws {
    #expect(
      try Profile.stateDirectory(in: ["XDG_STATE_HOME": "/x", "HOME": "/h"]) == "/x/martlet")
    #expect(
      try Profile.stateDirectory(in: ["XDG_STATE_HOME": "relative", "HOME": "/h"])
        == "/h/.local/state/martlet")
    #expect(throws: StartError.self) { try Profile.stateDirectory(in: [:]) }
  }

  // MARK: Tokens

  @Test func tokenIsKeptForItsServerOnlyAndForItsOwnerOnly() throws {
    let file = TokenFile(in: directory.path)
    #expect(try file.token(for: server) == nil)
    try file.store("secret", name: "alice", for: server)
    #expect(try directory.mode(of: "token") == 0o600)
    #expect(try file.token(for: server) == "secret")
    #expect(try file.token(for: ServerAddress(host: "127.0.0.1", port: 7789)) == nil)
    #expect(try file.token(for: ServerAddress(host: "evil.example")) == nil)
    try file.forget()
    try file.forget()
    #expect(try file.token(for: server) == nil)
  }

  @Test func newTokenReplacesTheOldOne() throws {
    let file = TokenFile(in: directory.path)
    try file.store("old", name: "alice", for: server)
    try file.store("new", name: "alice", for: server)
    #expect(try file.token(for: server) == "new")
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o666] as [mode_t])
  func tokenThatOthersCanReachIsRefused(mode: mode_t) throws {
    let file = TokenFile(in: directory.path)
    try file.store("secret", name: "alice", for: server)
    chmod("\(directory.path)/token", mode)
    #expect(throws: StartError.self) { try file.token(for: server) }
  }

  @Test func tokenBehindALinkIsRefusedAndWritingReplacesTheLink() throws {
    let file = TokenFile(in: directory.path)
    try file.store("secret", name: "alice", for: server)
    rename("\(directory.path)/token", "\(directory.path)/target")
    symlink("\(directory.path)/target", "\(directory.path)/token")
    let error = #expect(throws: StartError.self) { try file.token(for: server) }
    #expect(error?.description.contains("symbolic link") == true)
    try file.store("new", name: "alice", for: server)
    #expect(try file.token(for: server) == "new")
    #expect(try TokenFile(in: directory.path).token(for: server) == "new")
    #expect(try PrivateFile.read("\(directory.path)/target") != nil)
  }

  @Test func tokenThatIsNoRegularFileIsRefused() throws {
    mkfifo("\(directory.path)/token", 0o600)
    #expect(throws: StartError.self) { try TokenFile(in: directory.path).token(for: server) }
  }

  @Test func damagedTokenIsNone() throws {
    try PrivateFile.write("{\"server\":".utf8, to: "\(directory.path)/token")
    #expect(try TokenFile(in: directory.path).token(for: server) == nil)
  }

  // MARK: Drafts and outbox

  private func saved(serverID: String = "db-1", user: Int64 = 1) -> SavedStateFile {
    SavedStateFile(in: directory.path, server: server, serverID: serverID, user: UserID(user))
  }

  private let state = SavedState(
    drafts: [
      .user(UserID(2)): "我马上到", .conversation(ConversationID(3)): "line\nline",
    ],
    outbox: [
      OutgoingMessage(
        target: .user(UserID(2)), key: IdempotencyKey(high: 1, low: 2), text: "早上好！",
        writtenAt: Timestamp(milliseconds: 1_000))
    ])

  @Test func savedStateComesBackAsItWas() throws {
    #expect(try saved().load() == SavedState())
    try saved().store(state)
    #expect(try saved().load() == state)
    try saved().store(SavedState())
    #expect(try saved().load() == SavedState())
  }

  @Test func savedStateOfAnotherAccountOrDatabaseIsNotSeen() throws {
    try saved().store(state)
    #expect(try saved(user: 2).load() == SavedState())
    #expect(try saved(serverID: "db-2").load() == SavedState())
  }

  @Test func serverThatNamesItselfStrangelyStaysInTheDirectory() throws {
    let strange = saved(serverID: "../../../etc/\u{0}\n\(String(repeating: "x", count: 10_000))")
    try strange.store(state)
    #expect(try strange.load() == state)
  }

  @Test func damagedSavedStateIsNotOverwritten() throws {
    try saved().store(state)
    let path = try #require(directory.names().first { $0.hasPrefix("saved-") })
    let bytes = try #require(try PrivateFile.read("\(directory.path)/\(path)"))
    try PrivateFile.write(bytes.dropLast(), to: "\(directory.path)/\(path)")
    #expect(throws: DecodingError.self) { try saved().load() }
    #expect(try saved().load() == SavedState())
    try saved().store(state)
    #expect(
      try PrivateFile.read("\(directory.path)/\(path).damaged") == Array(bytes.dropLast()))
  }

  @Test func keeperWritesTheLastOfManyChanges() throws {
    let keeper = SavedStateKeeper(
      directory: directory.path, server: server,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    _ = keeper.load(UserID(1), serverID: "db-1")
    for number in 1...100 { keeper.saveDraft(UserID(1), .user(UserID(2)), "draft \(number)") }
    keeper.flush()
    #expect(try saved().load().drafts == [.user(UserID(2)): "draft 100"])
  }
}
