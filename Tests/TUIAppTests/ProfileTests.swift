import Glibc
import MartletClient
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
    #expect(try file.session(for: server)?.token == nil)
    try file.store("secret", name: "alice", for: server)
    #expect(try directory.mode(of: "token") == 0o600)
    #expect(try file.session(for: server)?.token == "secret")
    #expect(try file.session(for: ServerAddress(host: "127.0.0.1", port: 7789))?.token == nil)
    #expect(try file.session(for: ServerAddress(host: "evil.example"))?.token == nil)
    try file.forget()
    try file.forget()
    #expect(try file.session(for: server)?.token == nil)
  }

  @Test func newTokenReplacesTheOldOne() throws {
    let file = TokenFile(in: directory.path)
    try file.store("old", name: "alice", for: server)
    try file.store("new", name: "alice", for: server)
    #expect(try file.session(for: server)?.token == "new")
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o666] as [mode_t])
  func tokenThatOthersCanReachIsRefused(mode: mode_t) throws {
    let file = TokenFile(in: directory.path)
    try file.store("secret", name: "alice", for: server)
    chmod("\(directory.path)/token", mode)
    #expect(throws: StartError.self) { try file.session(for: server)?.token }
  }

  @Test func tokenBehindALinkIsRefusedAndWritingReplacesTheLink() throws {
    let file = TokenFile(in: directory.path)
    try file.store("secret", name: "alice", for: server)
    rename("\(directory.path)/token", "\(directory.path)/target")
    symlink("\(directory.path)/target", "\(directory.path)/token")
    let error = #expect(throws: StartError.self) { try file.session(for: server)?.token }
    #expect(error?.description.contains("symbolic link") == true)
    try file.store("new", name: "alice", for: server)
    #expect(try file.session(for: server)?.token == "new")
    #expect(try TokenFile(in: directory.path).session(for: server)?.token == "new")
    #expect(try PrivateFile.read("\(directory.path)/target") != nil)
  }

  @Test func tokenThatIsNoRegularFileIsRefused() throws {
    mkfifo("\(directory.path)/token", 0o600)
    #expect(throws: StartError.self) {
      try TokenFile(in: directory.path).session(for: server)?.token
    }
  }

  @Test func damagedTokenIsNone() throws {
    try PrivateFile.write("{\"server\":".utf8, to: "\(directory.path)/token")
    #expect(try TokenFile(in: directory.path).session(for: server)?.token == nil)
  }
}
