import MartletProtocol

/// Which passwords are refused when an account is made or its password changes.
enum PasswordRules {
  /// A password longer than this is refused, since hashing it would be work without limit.
  static let maximumBytes = 1024

  /// Checks a password that somebody wants.
  static func check(
    _ password: String, forName name: String, limits: Limits
  ) throws(RPCError) {
    guard password.count >= limits.passwordCharacters else {
      throw RPCError(
        .weakPassword, "A password has at least \(limits.passwordCharacters) characters.")
    }
    guard password.utf8.count <= maximumBytes else {
      throw RPCError(.weakPassword, "A password has at most \(maximumBytes) bytes.")
    }
    let folded = password.lowercased()
    guard folded != name.lowercased(), !common.contains(folded) else {
      throw RPCError(
        .weakPassword, "That password is one of the first that anybody would try; choose another.")
    }
  }

  /// The passwords of eight characters and more that lead every published list of leaked ones.
  private static let common: Set<String> = [
    "00000000", "0123456789", "0987654321", "11111111", "111111111", "1111111111", "11223344",
    "12121212", "123123123", "1234567890", "12344321", "12345678", "123456789", "12345678910",
    "123456789a", "1234qwer", "147258369", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "20002000",
    "22222222", "5201314520", "55555555", "66666666", "69696969", "77777777", "87654321",
    "88888888", "987654321", "9876543210", "99999999", "a1234567", "a12345678", "a123456789",
    "aa123456", "aa12345678", "abc12345", "abc123456", "abcd1234", "admin123", "administrator",
    "asdasdasd", "asdf1234", "asdfasdf", "asdfghjk", "asdfghjkl", "baseball", "basketball",
    "batman123", "changeme", "charlie1", "computer", "corvette", "dragon123", "football",
    "football1", "google123", "iloveyou", "iloveyou1", "internet", "jennifer", "letmein1",
    "letmein123", "liverpool", "martlet123", "michelle", "mustang1", "mypassword", "passw0rd",
    "password", "password1", "password12", "password123", "password1234", "princess", "princess1",
    "q1w2e3r4", "qazwsxedc", "qq123456", "qq123456789", "qwer1234", "qwerasdf", "qwerty12",
    "qwerty123", "qwertyui", "qwertyuiop", "samantha", "starwars", "sunshine", "superman",
    "superman1", "trustno1", "victoria", "welcome1", "welcome123", "whatever", "woaini1314",
    "woaini520", "zaq12wsx", "zxcvbnm1", "zxcvbnm123",
  ]
}
