import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// Pictures and sounds between two terminals, with programs that only take note of what they are
/// asked for in the place of players and viewers.
@Suite struct FileTests {
  /// A directory with the files and the programs of a test.
  private struct Desk {
    let directory: String
    var programs: String { directory + "/bin" }
    var downloads: String { directory + "/下载" }

    init() async throws {
      directory = try Machine.temporaryDirectory()
      try await Machine.whenGone("rm -rf \(directory)")
      try FileManager.default.createDirectory(
        atPath: programs, withIntermediateDirectories: true)
    }

    /// What two clients are started with: these programs come first.
    var environment: [String: String] {
      ["PATH": "\(programs):/usr/bin:/bin", "HOME": directory, "MARTLET_DOWNLOADS": downloads]
    }

    /// Makes a program of shell text, which finds its own notes in `$0.log`.
    func program(_ name: String, _ script: String) throws {
      let path = "\(programs)/\(name)"
      try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
      guard chmod(path, 0o755) == 0 else { throw Failure("cannot make \(path) a program") }
    }

    /// What a program has noted, once it has noted so many lines.
    func notes(of name: String, lines: Int = 1) async throws -> [String] {
      try await Machine.eventually("notes of \(name)") {
        // There are none before its first run.
        let text = (try? String(contentsOfFile: "\(programs)/\(name).log", encoding: .utf8)) ?? ""
        let found = text.split(separator: "\n").map(String.init)
        return found.count >= lines ? found : nil
      }
    }

    /// Puts one of the real files here, under a name.
    func place(_ name: String, as other: String) throws -> [UInt8] {
      let bytes = try MediaFile.named(name).bytes()
      try Data(bytes).write(to: URL(filePath: "\(directory)/\(other)"))
      return bytes
    }

    /// Makes a sound of so many bytes.
    func placeSilence(_ name: String, size: Int) throws {
      let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT, 0o600)
      defer { close(file) }
      let head = wavHead(size: size)
      guard write(file, head, head.count) == head.count, ftruncate(file, off_t(size)) == 0 else {
        throw Failure("cannot make \(name)")
      }
    }

    func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
  }

  @Test(arguments: Words.allCases)
  func aPictureIsSentSavedAndLookedAt(words: Words) async throws {
    let desk = try await Desk()
    let bytes = try desk.place("rgb.png", as: "会议 室.png")
    // Colours, half-blocks, and what may not reach the terminal.
    try desk.program(
      "chafa",
      #"printf '%s\n' "$*" >> "$0.log"; printf '\033]0;evil\007\033[38;5;196m\033[48;5;21m▀▄▀▄\033[0m\n'"#
    )
    let (server, alice, lilei) = try await Pair.make(words, environment: desk.environment)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.type("/send ~/会")
    try await alice.press("Tab")
    try await alice.waitFor("/send ~/会议 室.png")
    try await alice.press("Enter")
    for terminal in [alice, lilei] { try await terminal.waitFor("▣ 会议 室.png  192 B  20×12") }

    try await lilei.press("Up", "s")
    try await lilei.waitFor(words("Saved: ", "已保存："))
    try await lilei.press("s")
    let copy = "\(desk.downloads)/会议 室 (2).png"
    try await Machine.eventually("a second copy") { access(copy, R_OK) == 0 ? () : nil }
    #expect(try desk.read("\(desk.downloads)/会议 室.png") == bytes)
    #expect(try desk.read(copy) == bytes)

    let output = try await lilei.recordOutput()
    try await lilei.press("v")
    try await lilei.waitFor("▀▄▀▄", "20×12", words("Esc close", "Esc 关闭"))
    let arguments = try await desk.notes(of: "chafa")[0]
    #expect(arguments.contains("--size 80x22") && arguments.contains("--symbols vhalf+space+solid"))
    try await lilei.press("Escape")
    try await lilei.waitFor("▣ 会议 室.png")
    #expect(try !output.read().contains("evil"))
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func aSoundIsPlayedWhileItIsFetchedAndOpened(words: Words) async throws {
    let desk = try await Desk()
    let bytes = try desk.place("variable.mp3", as: "song.mp3")
    // Plays until it is stopped.
    try desk.program(
      "mpv",
      #"cat > "$0.heard"; printf '%s\n' "$*" >> "$0.log"; trap 'echo stopped >> "$0.log"; exit 0' TERM; while :; do sleep 0.05; done"#
    )
    try desk.program("xdg-open", #"printf '%s\n' "$#:$1" >> "$0.log""#)
    let (server, alice, lilei) = try await Pair.make(words, environment: desk.environment)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("/send \(desk.directory)/song.mp3")
    try await lilei.waitFor("♪ song.mp3")
    try await lilei.press("Up", "p")
    try await lilei.waitFor(words("Playing with mpv", "正在用 mpv 播放"), words("playing", "正在播放"))
    #expect(
      try await desk.notes(of: "mpv") == [
        "--no-config --no-terminal --no-video --load-scripts=no --access-references=no -"
      ])
    #expect(try desk.read("\(desk.programs)/mpv.heard") == bytes)
    try await lilei.press("p")
    try await lilei.waitFor(words("Stopped: song.mp3", "已停止：song.mp3"))
    #expect(try await desk.notes(of: "mpv", lines: 2).last == "stopped")

    try await lilei.press("o")
    let opened = try await desk.notes(of: "xdg-open")[0]
    #expect(opened.hasPrefix("1:/") && opened.hasSuffix(".mp3"))
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func whatIsMissingIsSaidWithWhatToInstall(words: Words) async throws {
    let desk = try await Desk()
    _ = try desk.place("variable.mp3", as: "song.mp3")
    _ = try desk.place("rgb.png", as: "a.png")
    // Nothing but these programs.
    var environment = desk.environment
    environment["PATH"] = desk.programs
    let (server, alice, lilei) = try await Pair.make(words, environment: environment)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("/send ~/song.mp3")
    try await lilei.waitFor("♪ song.mp3")
    try await lilei.say("/play")
    try await lilei.waitFor(words("install one of: mpv, ffplay", "请安装其中之一：mpv, ffplay"))
    try await lilei.say("/open")
    try await lilei.waitFor("xdg-utils")
    try await alice.say("/send ~/a.png")
    try await lilei.waitFor("▣ a.png")
    try await lilei.say("/view")
    try await lilei.waitFor(words("install chafa", "请安装 chafa"))
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func whatMayNotBeSentIsRefusedWithTheRule(words: Words) async throws {
    let desk = try await Desk()
    _ = try desk.place("rgb.png", as: "really.jpg")
    let large = open("\(desk.directory)/large.png", O_WRONLY | O_CREAT, 0o600)
    #expect(ftruncate(large, 23_100_000) == 0)
    close(large)
    try "text".write(toFile: "\(desk.directory)/notes.txt", atomically: true, encoding: .utf8)
    let (server, alice, _) = try await Pair.make(words, environment: desk.environment)
    try await alice.open("李雷")
    let refusals = [
      (
        "~/large.png", words("The image is 23.1 MB; images may be up to 20 MB", "文件过大，图片最大支持 20 MB")
      ), ("~/notes.txt", words("Only pictures (png", "只能发送图片（png")),
      ("~/nowhere.png", words("There is no such file.", "文件不存在。")),
    ]
    for (path, refusal) in refusals {
      try await alice.say("/send \(path)")
      try await alice.waitFor(refusal)
      try await alice.press("C-u")
    }
    // What only the content shows, the server says.
    try await alice.say("/send ~/really.jpg")
    try await alice.waitFor("really.jpg", words("not sent", "未发送"))
    // It can be given up.
    try await alice.press("Up", "c")
    try await alice.waitUntil("the file to go") { !$0.contains("really.jpg") }
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func aPastedPathIsAskedAbout(words: Words) async throws {
    let desk = try await Desk()
    _ = try desk.place("still.gif", as: "a b.gif")
    let (server, alice, lilei) = try await Pair.make(words, environment: desk.environment)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.paste("'\(desk.directory)/a b.gif'")
    try await alice.waitFor(words("Send this file to 李雷?", "将此文件发送给 李雷？"), "a b.gif")
    try await alice.press("y")
    try await lilei.waitFor("▣ a b.gif")
    try await server.stop()
  }

  @Test func aLargeFilePassesThroughLittleMemory() async throws {
    let desk = try await Desk()
    try desk.placeSilence("silence.wav", size: 90_000_044)
    let (server, alice, lilei) = try await Pair.make(environment: desk.environment)
    try await alice.open("李雷")
    try await lilei.open("alice")
    let before = (try await alice.peakMemory(), try await lilei.peakMemory())
    try await alice.say("/send ~/silence.wav")
    try await lilei.waitFor("♪ silence.wav  90 MB")
    try await lilei.say("/save")
    try await lilei.waitFor("Saved: ")
    #expect(try await alice.peakMemory() - before.0 < 12_000_000)
    #expect(try await lilei.peakMemory() - before.1 < 12_000_000)
    try await server.stop()
  }

  @Test func anUploadGoesOnWhenTheServerIsBackAndWhenTheClientIs() async throws {
    let desk = try await Desk()
    // Too large to be there before the server is gone.
    try desk.placeSilence("silence.wav", size: 90_000_044)
    let (server, alice, lilei) = try await Pair.make(environment: desk.environment)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("/send ~/silence.wav")
    try await alice.waitUntil("an upload under way") { screen in
      screen.contains("silence.wav") && screen.contains(" %")
    }
    try await server.kill()
    try await alice.kill()
    try await server.start()
    try await alice.launch()
    try await alice.open("李雷")
    try await lilei.waitFor("♪ silence.wav  90 MB")
    try await alice.waitFor("silence.wav", "✓")
    try await server.stop()
  }

  @Test func noProgramOutlivesTheClient() async throws {
    let desk = try await Desk()
    _ = try desk.place("variable.mp3", as: "song.mp3")
    _ = try desk.place("rgb.png", as: "a.png")
    // Deaf to what is asked politely; by themselves they end when the test has failed.
    let deaf = #"trap '' TERM; echo $$ >> "$0.log"; for i in $(seq 1200); do sleep 0.05; done"#
    for name in ["mpv", "chafa"] { try desk.program(name, deaf) }
    let (server, alice, lilei) = try await Pair.make(environment: desk.environment)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("/send ~/song.mp3")
    try await lilei.waitFor("♪ song.mp3")
    try await alice.say("/send ~/a.png")
    try await lilei.waitFor("▣ a.png")
    try await lilei.press("Up", "Up", "p")
    let player = try await desk.notes(of: "mpv")[0]
    try await lilei.press("Down", "v")
    let viewer = try await desk.notes(of: "chafa")[0]
    try await lilei.press("C-q")
    try await lilei.waitForEnd()
    for process in [player, viewer] {
      let number = try #require(pid_t(process))
      try await Machine.eventually("the end of \(number)") {
        kill(number, 0) == 0 ? nil : ()
      }
    }
    try await server.stop()
  }
}
