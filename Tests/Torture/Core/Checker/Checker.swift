import MartletProtocol

/// Holds the clients' journals against each other and against the database.
///
/// The method is that of Jepsen (https://jepsen.io): every client writes down what it did and what it
/// was told, and afterwards the history as a whole is either possible under the promises or not.
public struct Checker {
  let journals: [Journal]
  let database: DatabaseRows
  var violations: [Violation] = []

  /// What senders meant to send, by name, and where they wrote it down.
  var intents: [MessageName: Intent] = [:]
  /// Where messages have their places, by name, for ever.
  private(set) var places: [MessageName: Place] = [:]
  /// Which messages have which places, for ever.
  private(set) var names: [Place: MessageName] = [:]
  /// The messages that are there.
  private(set) var stored: [Place: DatabaseRows.Stored] = [:]

  struct Intent {
    let target: Target
    let digest: TextDigest
    let line: Line
  }

  /// A line of a journal, for people.
  struct Line: CustomStringConvertible {
    let journal: String
    let number: Int
    var description: String { "\(journal):\(number)" }
  }

  /// All promises that were broken, in the order in which they were found.
  public static func violations(in journals: [Journal], against database: DatabaseRows)
    -> [Violation]
  {
    var checker = Checker(journals: journals, database: database)
    checker.readIntents()
    checker.checkDatabase()
    for journal in journals {
      guard let user = journal.user else {
        checker.report(.turnedAway, "\(journal.name) never signed in")
        continue
      }
      checker.checkAnswers(in: journal, of: user)
      checker.checkReceipts(in: journal, of: user)
      checker.checkOrder(in: journal, of: user)
      checker.checkEnd(of: journal, of: user)
    }
    return checker.violations
  }

  private init(journals: [Journal], database: DatabaseRows) {
    self.journals = journals
    self.database = database
  }

  mutating func report(_ kind: Violation.Kind, _ detail: String) {
    violations.append(Violation(kind, detail))
  }

  /// Up to where a conversation is cleared.
  func cleared(_ conversation: ConversationID) -> MessageSequence {
    database.conversations[conversation]?.cleared ?? .none
  }

  private mutating func readIntents() {
    for journal in journals {
      guard let user = journal.user else { continue }
      for (line, entry) in journal.lines {
        guard case .intent(let key, let target, let text) = entry else { continue }
        intents[MessageName(user, key)] = Intent(
          target: target, digest: TextDigest(of: text), line: line)
      }
    }
  }

  mutating func remember(_ key: DatabaseRows.Key) {
    places[key.name] = key.place
    names[key.place] = key.name
  }

  mutating func remember(_ message: DatabaseRows.Stored) { stored[message.place] = message }
}

extension Journal {
  /// Whose journal it is; `nil` when nobody ever signed in.
  var user: UserID? {
    for case .signedIn(let user, _) in entries { return user }
    return nil
  }

  /// The entries with their lines.
  var lines: [(Checker.Line, JournalEntry)] {
    entries.enumerated().map { (Checker.Line(journal: name, number: $0 + 1), $1) }
  }
}
