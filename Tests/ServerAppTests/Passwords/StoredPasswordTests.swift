import Testing

@testable import ServerApp

@Suite struct StoredPasswordTests {
  @Test func isWrittenAsAPHCString() {
    let stored = StoredPassword(rounds: 600_000, salt: [0, 1, 2, 255], hash: [254, 253])
    #expect(stored.description == "$pbkdf2-sha256$i=600000$AAEC/w$/v0")
    #expect(StoredPassword(stored.description) == stored)
  }

  @Test(arguments: [
    "", "password", "$pbkdf2-sha256", "$pbkdf2-sha256$i=1$AAEC/w", "pbkdf2-sha256$i=1$AAEC$AAEC",
    "$pbkdf2-sha512$i=1$AAEC$AAEC", "$pbkdf2-sha256$1$AAEC$AAEC",
    "$pbkdf2-sha256$i=$AAEC$AAEC", "$pbkdf2-sha256$i=0$AAEC$AAEC",
    "$pbkdf2-sha256$i=-1$AAEC$AAEC", "$pbkdf2-sha256$i=4294967296$AAEC$AAEC",
    "$pbkdf2-sha256$i=99999999999999999999$AAEC$AAEC", "$pbkdf2-sha256$i=1$A*EC$AAEC",
    "$pbkdf2-sha256$i=1$AAEC$", "$pbkdf2-sha256$i=1$AAEC$AAEC$", "$argon2id$v=19$m=1$AAEC$AAEC",
  ])
  func anythingElseIsNone(_ text: String) {
    #expect(StoredPassword(text) == nil)
  }
}
