import ArgumentParser
import MartletClient
import TUICore
import TestSupport
import Testing

@testable import TUIApp

struct OptionsTests {
  @Test func defaultsAreALocalServerAndAFreeProfile() throws {
    let options = try options([])
    #expect(options.server.description == "ws://127.0.0.1:7788")
    #expect(options.profile == nil)
    #expect(options.language == .english)
    #expect(options.usesColour)
    #expect(!options.usesASCII)
    #expect(options.keepsHistory)
  }

  @Test func aHistoryIsKeptUnlessItIsTurnedOff() throws {
    #expect(try !options(["--no-cache"]).keepsHistory)
    #expect(try !options([], ["MARTLET_NO_CACHE": "1"]).keepsHistory)
    #expect(try options([], ["MARTLET_NO_CACHE": ""]).keepsHistory)
  }

  @Test func commandLineGoesBeforeTheEnvironment() throws {
    let environment = ["MARTLET_SERVER": "a.example:1", "NO_COLOR": "1", "MARTLET_LOG": "/tmp/a"]
    #expect(try options([], environment).server.description == "ws://a.example:1")
    #expect(
      try options(["--server", "b.example"], environment).server.description
        == "ws://b.example:7788")
    #expect(try !options([], environment).usesColour)
    #expect(try options([], ["NO_COLOR": ""]).usesColour)
    #expect(try options(["--log-file", "/tmp/b"], environment).logFile == "/tmp/b")
  }

  @Test(arguments: [
    (["LC_ALL": "", "LANG": "zh_CN.UTF-8"], Language.chinese),
    (["LC_ALL": "C", "LANG": "zh_CN.UTF-8"], .english),
    (["LC_MESSAGES": "zh_TW"], .chinese), ([:], .english),
  ])
  func languageIsThatOfTheLocale(environment: [String: String], language: Language) throws {
    #expect(try options([], environment).language == language)
    #expect(try options(["--language", "zh"], environment).language == .chinese)
  }

  @Test(arguments: [
    ["--profile", "../x"], ["--ambiguous-width", "3"], ["--language", "fr"],
  ])
  func whatCannotBeMeantIsRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try Martlet.parse(arguments) }
  }

  @Test func rootsAreTheSystemsUnlessAFileIsNamed() throws {
    let server = ["--server", "wss://chat.example.org"]
    #expect(try options(server).roots == .system)
    let file = try TestCertificate.authority().certificate
    #expect(try options(server + ["--ca-file", file]).roots == .file(file))
    #expect(try options(server, ["MARTLET_CA_FILE": file]).roots == .file(file))
    let error = #expect(throws: StartError.self) {
      try options(server + ["--ca-file", "/nowhere"], ["MARTLET_CA_FILE": file])
    }
    #expect(error?.description.contains("/nowhere") == true)
  }

  private func options(_ arguments: [String], _ environment: [String: String] = [:]) throws
    -> LaunchOptions
  {
    try Martlet.parse(arguments).options(in: environment)
  }
}
