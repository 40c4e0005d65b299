/// A hashed password as it is stored: a PHC string, `$pbkdf2-sha256$i=600000$salt$hash`, salt and
/// hash in base64 without padding.
struct StoredPassword: Equatable, CustomStringConvertible {
  let rounds: Int
  let salt: [UInt8]
  let hash: [UInt8]

  init(rounds: Int, salt: [UInt8], hash: [UInt8]) {
    self.rounds = rounds
    self.salt = salt
    self.hash = hash
  }

  /// Reads a PHC string; `nil` for any other algorithm or form.
  init?(_ text: String) {
    let fields = text.split(separator: "$", omittingEmptySubsequences: false)
    guard fields.count == 5, fields[0].isEmpty, fields[1] == "pbkdf2-sha256",
      fields[2].hasPrefix("i="), let rounds = Int(fields[2].dropFirst(2)), rounds > 0,
      rounds <= Int(Int32.max),
      let salt = Base64.decode(fields[3]), let hash = Base64.decode(fields[4]), !hash.isEmpty
    else { return nil }
    self.init(rounds: rounds, salt: salt, hash: hash)
  }

  var description: String {
    "$pbkdf2-sha256$i=\(rounds)$\(Base64.encode(salt))$\(Base64.encode(hash))"
  }
}
