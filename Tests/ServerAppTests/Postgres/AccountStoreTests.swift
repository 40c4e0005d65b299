import MartletProtocol
import ServerCore
import Testing

@testable import ServerApp

@Suite struct AccountStoreTests {
  @Test(arguments: [
    ("Alice", "alice"), ("alice", "ＡＬＩＣＥ"), ("e\u{301}ric", "\u{C9}RIC"), ("ﬁona", "FIONA"),
    ("ISTANBUL", "istanbul"), ("\u{130}zmir", "i\u{307}zmir"), ("가나", "\u{1100}\u{1161}나"),
    ("ΜΑΡΙΑ", "μαρια"), ("Ⅳ世", "iv世"),
  ])
  func namesThatReadTheSameAreOneAccount(_ first: String, _ second: String) async throws {
    try await TestDatabase.with { database in
      let user = try await database.user(first)
      #expect(
        try await database.store.createAccount(name: second, passwordHash: "", invite: nil)
          == .nameTaken)
      #expect(try await database.store.credentials(ofName: second)?.user.id == user)
    }
  }

  @Test(arguments: [
    ("alice", "alíce"), ("straße", "strasse"), ("李雷", "李蕾"), ("이", "ol"), ("й", "и"),
  ])
  func namesThatReadDifferentlyAreTwo(_ first: String, _ second: String) async throws {
    try await TestDatabase.with { database in
      let users = [try await database.user(first), try await database.user(second)]
      #expect(users[0] != users[1])
    }
  }

  @Test(arguments: [
    ("scope", "ѕсоре"), ("Oscar", "0scar"), ("Ilse", "1lse"), ("alice", "aIice"),
    ("\u{131}sa", "isa"),
    ("BETA", "ВЕТА"), ("ΟΤΟ", "ОТО"), ("口力", "ロカ"), ("ono", "օոօ"),
    ("poë", "\u{440}\u{43E}\u{451}"), ("ï", "\u{457}"), ("ó", "\u{3CC}"), ("alice", "a丨ice"),
    ("alice", "aǀice"), ("Y好", "ㄚ好"), ("lo", "\u{3163}\u{3147}"), ("がベ", "がべ"),
  ])
  func ofNamesThatLookAlikeTheFirstStays(_ first: String, _ second: String) async throws {
    try await TestDatabase.with { database in
      let user = try await database.user(first)
      #expect(
        try await database.store.createAccount(name: second, passwordHash: "", invite: nil)
          == .nameTaken)
      #expect(try await database.store.credentials(ofName: first)?.user.id == user)
    }
  }

  @Test(arguments: [("ａｌｉｃｅ", "alice"), ("e\u{301}", "\u{E9}"), ("Alice", "Alice"), ("", "")])
  func normalisingKeepsTheCase(_ given: String, _ normalised: String) async throws {
    try await TestDatabase.with { database in
      let found = try await database.store.normalizedName(given)
      #expect(Array(found.unicodeScalars) == Array(normalised.unicodeScalars))
    }
  }

  @Test func oneOfManyGetsTheName() async throws {
    try await TestDatabase.with { database in
      let users = try await withThrowingTaskGroup { group in
        for number in 0..<8 {
          group.addTask {
            try await database.store.createAccount(
              name: number.isMultiple(of: 2) ? "alice" : "ALICE", passwordHash: "\(number)",
              invite: nil)
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(users.count { $0 != .nameTaken } == 1)
    }
  }

  @Test func aReplacedHashIsTheOneToCheck() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      try await database.store.replacePasswordHash(of: alice, from: "hash", to: "better")
      // It was changed meanwhile.
      try await database.store.replacePasswordHash(of: alice, from: "hash", to: "other")
      #expect(try await database.store.credentials(ofName: "alice")?.passwordHash == "better")
    }
  }

  @Test func nobodyHasNoCredentials() async throws {
    try await TestDatabase.with { database in
      let credentials = try await database.store.credentials(ofName: "nobody")
      #expect(credentials == nil)
    }
  }

  @Test func lastSeenDoesNotMoveBack() async throws {
    try await TestDatabase.with { database in
      let (alice, bob) = (try await database.user("alice"), try await database.user("bob"))
      let later = Timestamp(milliseconds: 1_795_426_860_123)
      try await database.store.recordLastSeen(bob, at: later)
      try await database.store.recordLastSeen(bob, at: later.advanced(byMilliseconds: -1))
      let contacts = try await database.store.contacts(of: alice, after: UserID(0), limit: 9)
      #expect(contacts.map(\.lastSeen) == [later])
    }
  }

  @Test func theIdentityIsTheDatabasesOwn() async throws {
    try await TestDatabase.with { database in
      let first = try await database.store.serverIdentity()
      #expect(first.id.count == 36)
      #expect(first.epoch == 1)
      #expect(try await database.store.serverIdentity() == first)
    }
  }
}
