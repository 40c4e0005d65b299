import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct PasswordRulesTests {
  private func refusal(_ password: String, name: String = "alice") -> RPCError? {
    do {
      try PasswordRules.check(password, forName: name, limits: Limits())
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    "correct horse", "八个字的中文密码", "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", "        ", String(repeating: "x", count: 1024),
  ])
  func acceptsWhatIsLongEnough(_ password: String) {
    #expect(refusal(password) == nil)
  }

  @Test(arguments: ["", "1234567", "七个字的密码吗", "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧"])
  func refusesFewerThanEightCharacters(_ password: String) {
    #expect(refusal(password)?.code == .weakPassword)
    #expect(refusal(password)?.message.contains("at least 8") == true)
  }

  @Test func refusesWhatWouldBeWorkWithoutLimit() {
    #expect(
      refusal(String(repeating: "x", count: 1025))?.message
        == "A password has at most 1024 bytes.")
  }

  @Test(arguments: ["password", "PASSWORD", "PassWord123", "12345678", "5201314520", "Iloveyou"])
  func refusesWhatAnybodyWouldTryFirst(_ password: String) {
    #expect(refusal(password)?.code == .weakPassword)
  }

  @Test func refusesTheNameInAnyCase() {
    #expect(refusal("Christopher", name: "cHRISTOPHER")?.code == .weakPassword)
  }

  @Test func neverRepeatsThePassword() {
    for password in ["qwerty123", "short", "Christopher"] {
      #expect(refusal(password, name: "christopher")?.message.contains(password) == false)
    }
  }
}
