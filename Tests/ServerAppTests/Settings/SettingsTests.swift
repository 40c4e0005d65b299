import ArgumentParser
import FoundationEssentials
import Logging
import MartletProtocol
import ServerCore
import TestSupport
import Testing

@testable import ServerApp

@Suite struct SettingsTests {
  private func settings(
    _ flags: [String] = [], environment: [String: String] = [:], file: String? = nil
  ) async throws -> Settings {
    var arguments = flags
    if let file {
      let path = try TestDirectory.make("martletd.conf")
      try file.write(toFile: path, atomically: true, encoding: .utf8)
      arguments += ["--config", path]
    }
    return try await Settings(flags: try SettingFlags.parse(arguments), environment: environment)
  }

  private func refusal(
    _ flags: [String] = [], environment: [String: String] = [:], file: String? = nil
  ) async throws -> String {
    do {
      _ = try await settings(flags, environment: environment, file: file)
      return ""
    } catch let error as OperatorError {
      return error.description
    }
  }

  // MARK: Where values are from

  @Test func theCommandLineCountsBeforeTheEnvironmentAndThatBeforeTheFile() async throws {
    let file = "MARTLET_PING_SECONDS=1\nMARTLET_PONG_SECONDS=1\nMARTLET_SIGN_IN_SECONDS=1\n"
    let environment = ["MARTLET_PING_SECONDS": "2", "MARTLET_PONG_SECONDS": "2"]
    let settings = try await settings(
      ["--ping-seconds", "3"], environment: environment, file: file)
    #expect(settings[.pingSeconds] == .init(text: "3", source: .flag))
    #expect(settings[.pongSeconds] == .init(text: "2", source: .environment))
    #expect(settings[.signInSeconds]?.text == "1")
    #expect(settings[.signInSeconds]?.source == settings.file.map { .file($0) })
    #expect(settings[.logLevel] == .init(text: "info", source: .usual))
    #expect(settings[.tlsKey] == nil)
  }

  @Test func everySettingHasItsFlagAndADefaultThatIsRight() async throws {
    for setting in Setting.allCases {
      let value: String
      switch setting.kind {
      case .text: value = "some"
      case .address: value = "[::1]:1"
      case .networks: value = "10.0.0.0/8"
      case .yesOrNo: value = "no"
      case .number(_, let range): value = "\(range.upperBound)"
      case .choice(let words): value = words[words.count - 1]
      }
      let flags =
        setting.kind == .yesOrNo
        ? ["--no-\(setting.rawValue)"] : ["--\(setting.rawValue)", value]
      let settings = try await settings(flags)
      #expect(settings[setting] == .init(text: value, source: .flag))
      #expect(setting.usual.flatMap(setting.problem) == nil, "\(setting)")
    }
  }

  @Test func whatOthersReadTooIsTheDatabaseUnlessASettingSaysOtherwise() async throws {
    let environment = ["DATABASE_URL": "of all"]
    let file = "MARTLET_DATABASE_URL=of the file"
    #expect(try await settings(environment: environment, file: file).text(.databaseURL) == "of all")
    let own = environment.merging(["MARTLET_DATABASE_URL": "its own"]) { $1 }
    #expect(try await settings(environment: own).text(.databaseURL) == "its own")
  }

  @Test func theFileMayBeNamedInTheEnvironment() async throws {
    let path = try TestDirectory.make("a")
    try "MARTLET_REGISTRATION=closed".write(toFile: path, atomically: true, encoding: .utf8)
    let settings = try await settings(environment: ["MARTLET_CONFIG": path])
    #expect(settings.text(.registration) == "closed")
  }

  // MARK: What is wrong

  @Test func aNameThatIsNoneIsRefusedWithTheNearest() async throws {
    let inFile = try await refusal(file: "\n# ours\nMARTLET_LISTN=[::1]:1")
    #expect(inFile.contains("martletd.conf:3 has MARTLET_LISTN, which is no setting."))
    #expect(inFile.hasSuffix("Did you mean MARTLET_LISTEN?"))
    let inEnvironment = try await refusal(environment: ["MARTLET_MAX_CONECTIONS": "3"])
    #expect(
      inEnvironment
        == "the environment has MARTLET_MAX_CONECTIONS, which is no setting. "
        + "Did you mean MARTLET_MAX_CONNECTIONS?")
    #expect(try await refusal(file: "MARTLET_CONFIG=/a").contains("no setting"))
  }

  @Test(arguments: ["SERVER", "NO_CACHE", "LOG", "CA_FILE", "PLAYERS", "DOWNLOADS", "OPENER"])
  func whatIsTheClientsIsNotMeantForTheServer(name: String) async throws {
    #expect(try await refusal(environment: ["MARTLET_\(name)": "a"]).isEmpty)
  }

  @Test(arguments: [
    ("listen", "a:b"), ("listen", ""), ("tls-key", ""), ("registration", "maybe"),
    ("min-password-characters", "7"), ("max-text-bytes", "16385"), ("max-text-bytes", "many"),
    ("attachment-quota", "-1"), ("max-connections", "0"), ("ping-seconds", "1.5"),
    ("log-level", "INFO"),
  ])
  func aValueThatIsNoneIsRefusedByItsName(setting: String, value: String) async throws {
    let variable = try #require(Setting(rawValue: setting)).variable
    let refusal = try await refusal(environment: [variable: value])
    #expect(refusal.hasPrefix("\(variable) is “\(value)”: it is "))
  }

  @Test func aValueIsCalledWhatItWasGivenAs() async throws {
    #expect(try await refusal(["--ping-seconds", "0"]).hasPrefix("--ping-seconds is “0”: "))
    let inFile = try await refusal(file: "MARTLET_PING_SECONDS=0")
    #expect(inFile.contains("martletd.conf: MARTLET_PING_SECONDS is “0”: "))
    let secret = try await refusal(environment: ["MARTLET_DATABASE_URL": ""])
    #expect(secret == "MARTLET_DATABASE_URL: it is empty; give a url, or leave it out.")
  }

  @Test(arguments: ["perhaps", ""]) func aWordIsYesOrNo(word: String) async throws {
    let refusal = try await refusal(environment: ["MARTLET_ALLOW_PLAINTEXT": word])
    #expect(refusal.hasSuffix("it is neither yes nor no."))
    #expect(
      try await settings(environment: ["MARTLET_ALLOW_PLAINTEXT": "On"]).isOn(.allowPlaintext))
  }

  @Test(arguments: [
    "MARTLET_LISTEN", "MARTLET_LISTEN: [::1]:1", "MARTLET_LISTEN=", "MARTLET_LISTEN=\"[::1]:1\"",
    "MARTLET_LISTEN='[::1]:1'", "=a",
  ])
  func aLineThatIsNoneIsRefusedByItsNumber(line: String) async throws {
    let refusal = try await refusal(file: "# first\n\(line)\n")
    #expect(refusal.contains("martletd.conf:2"))
  }

  @Test func aFileThatCannotBeReadIsAnError() async throws {
    let refusal = try await refusal(["--config", "/nowhere"])
    #expect(
      refusal == "The settings in /nowhere cannot be read: No such file or directory.")
  }

  @Test func aCertificateAndItsKeyGoTogether() async throws {
    let settings = try await settings(["--tls-key", "a"])
    #expect(throws: OperatorError.self) { _ = try ServerConfiguration(settings) }
  }

  // MARK: What they do

  @Test func theServerHasWhatTheSettingsSay() async throws {
    let settings = try await settings([
      "--listen", "[::1]:1", "--data-directory", "/a", "--database-url", "host=b",
      "--tls-certificate",
      "c", "--tls-key", "d", "--allow-plaintext", "--trusted-proxies", "10.0.0.1", "--registration",
      "closed",
      "--min-password-characters", "12", "--max-text-bytes", "100", "--max-image-bytes", "200",
      "--max-audio-bytes", "300", "--attachment-quota", "400", "--max-connections", "500",
      "--sign-in-seconds", "6", "--ping-seconds", "7", "--pong-seconds", "8", "--log-level",
      "debug", "--log-format", "json", "--attachments-directory", "/e",
    ])
    let configuration = try ServerConfiguration(settings)
    #expect(configuration.listen.description == "[::1]:1")
    #expect(configuration.dataDirectory == "/a")
    #expect(configuration.databaseURL == "host=b")
    #expect(configuration.tls == TLSFiles(certificate: "c", key: "d"))
    #expect(configuration.allowsPlaintext)
    #expect(configuration.proxies.contains("10.0.0.1"))
    #expect(configuration.policy == .init(registration: .closed, attachmentQuota: 400))
    #expect(configuration.limits.passwordCharacters == 12)
    #expect(configuration.limits.textBytes == 100)
    #expect(configuration.limits.imageBytes == 200)
    #expect(configuration.limits.audioBytes == 300)
    #expect(configuration.limits.signInMilliseconds == 6000)
    #expect(configuration.limits.pingMilliseconds == 7000)
    #expect(configuration.limits.pongMilliseconds == 8000)
    #expect(configuration.cap.total == 500)
    #expect(configuration.attachmentsDirectory == "/e")
    let log = LogSettings(.info)
    log.take(settings)
    #expect(log.level == .debug && log.format == .json)
  }

  @Test func whatARunningServerDoesNotTakeStaysAsItWas() async throws {
    let old = try await settings(["--listen", "[::1]:1", "--registration", "open"])
    let new = try await settings(["--listen", "[::1]:2", "--registration", "closed"])
    #expect(new.differences(from: old) == [.listen, .registration])
    let kept = new.keeping(late: old)
    #expect(kept.text(.listen) == "[::1]:1")
    #expect(kept.text(.registration) == "closed")
  }

  // MARK: Shown

  @Test func aSecretIsNotShown() async throws {
    let settings = try await settings(["--database-url", "postgres://a:geheim@b/c"])
    for text in [settings.table, try settings.json] {
      #expect(!text.contains("geheim"))
      #expect(text.contains("(hidden)"))
    }
  }
}
