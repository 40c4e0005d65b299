import MartletProtocol
import ServerCore
import Synchronization

/// The stores in memory, with a switch that makes them all fail.
final class InMemoryStore: AccountStore, SessionStore, ConversationStore, IdentityStore, AuditStore
{
  struct Contents: Sendable {
    /// What every question is answered with, when set.
    var failure: StoreError?
    /// The questions that are done, although the answer is that the store is unavailable.
    var lostAnswers: Set<String> = []
    /// The questions asked, in order.
    var questions: [String] = []

    var accounts: [Credentials] = []
    /// How often each can still be used.
    var invites: [String: Int] = [:]
    var audit: [AuditEntry] = []
    var lastSeen: [UserID: Timestamp] = [:]
    var sessions: [[UInt8]: SignedIn] = [:]
    var devices: [SessionID: String] = [:]
    var contacts: [Contact] = []
    var recent: [Contact] = []
    var cleared: [ConversationID: MessageSequence] = [:]
    var behind: [ConversationSummary] = []
    var direct: [Set<UserID>: ConversationID] = [:]
    var members: [ConversationID: [UserID]] = [:]
    var written: Set<ConversationID> = []
    var page = HistoryPage(messages: [], more: false, reads: [])
    var readMark: MessageSequence?
    var locked: Set<ConversationID> = []
  }

  private let contents = Mutex(Contents())

  func change(_ body: (inout Contents) -> Void) { contents.withLock { body(&$0) } }

  func read<Value: Sendable>(_ body: (Contents) -> Value) -> Value {
    contents.withLock { body($0) }
  }

  private func ask<Value: Sendable>(
    _ question: String, _ body: (inout Contents) -> Value
  ) throws(StoreError) -> Value {
    let answer: Result<Value, StoreError> = contents.withLock { contents in
      contents.questions.append(question)
      if let failure = contents.failure { return .failure(failure) }
      let value = body(&contents)
      return contents.lostAnswers.contains(question) ? .failure(.unavailable) : .success(value)
    }
    return try answer.get()
  }

  func serverIdentity() async throws(StoreError) -> ServerIdentity {
    try ask("identity") { _ in ServerIdentity(id: "the-database", epoch: 3) }
  }

  func normalizedName(_ name: String) async throws(StoreError) -> String {
    try ask("normalizedName") { _ in name }
  }

  func createAccount(
    name: String, passwordHash: String, invite: String?
  ) async throws(StoreError) -> CreatedAccount {
    try ask("createAccount") { contents in
      if let invite, contents.invites[invite, default: 0] == 0 { return .invalidInvite }
      guard !contents.accounts.contains(where: { $0.user.name == name }) else {
        return .nameTaken
      }
      if let invite { contents.invites[invite, default: 0] -= 1 }
      let user = User(id: UserID(Int64(contents.accounts.count + 1)), name: name)
      contents.accounts.append(Credentials(user: user, passwordHash: passwordHash))
      return .created(user)
    }
  }

  func record(_ entry: AuditEntry, keepingDays days: Int64) async throws(StoreError) {
    try ask("record") { $0.audit.append(entry) }
  }

  func hasInvite(_ code: String) async throws(StoreError) -> Bool {
    try ask("hasInvite") { $0.invites[code, default: 0] > 0 }
  }

  func credentials(ofName name: String) async throws(StoreError) -> Credentials? {
    try ask("credentials") { $0.accounts.first { $0.user.name == name } }
  }

  func replacePasswordHash(
    of user: UserID, from oldHash: String, to newHash: String
  ) async throws(StoreError) {
    try ask("replacePasswordHash") { contents in
      contents.accounts = contents.accounts.map {
        $0.user.id == user && $0.passwordHash == oldHash
          ? Credentials(user: $0.user, passwordHash: newHash) : $0
      }
    }
  }

  func recordLastSeen(_ user: UserID, at time: Timestamp) async throws(StoreError) {
    try ask("recordLastSeen") { $0.lastSeen[user] = time }
  }

  func createSession(
    user: UserID, passwordHash: String, tokenHash: [UInt8], device: String
  ) async throws(StoreError) -> SessionID? {
    try ask("createSession") { contents in
      guard
        contents.accounts.contains(where: {
          $0.user.id == user && $0.passwordHash == passwordHash
        })
      else { return nil }
      let session = SessionID(Int64(contents.devices.count + 1))
      contents.devices[session] = device
      contents.sessions[tokenHash] = contents.accounts.first { $0.user.id == user }
        .map { SignedIn(user: $0.user, session: session) }
      return session
    }
  }

  func session(withTokenHash tokenHash: [UInt8]) async throws(StoreError) -> SignedIn? {
    try ask("session") { $0.sessions[tokenHash] }
  }

  func endSession(_ session: SessionID) async throws(StoreError) {
    try ask("endSession") { contents in
      contents.sessions = contents.sessions.filter { $0.value.session != session }
    }
  }

  func endSession(_ session: SessionID, of user: UserID) async throws(StoreError) -> Bool {
    try ask("endSession of user") { contents in
      let before = contents.sessions.count
      contents.sessions = contents.sessions.filter {
        $0.value.session != session || $0.value.user.id != user
      }
      return contents.sessions.count < before
    }
  }

  func sessions(of user: UserID) async throws(StoreError) -> [StoredSession] {
    try ask("sessions") { contents in
      contents.sessions.values.filter { $0.user.id == user }.map(\.session).sorted().map {
        StoredSession(
          id: $0, device: contents.devices[$0] ?? "", createdAt: .sample, lastUsedAt: .sample)
      }
    }
  }

  func changePassword(
    of user: UserID, from oldHash: String, to newHash: String, keeping session: SessionID
  ) async throws(StoreError) -> [SessionID]? {
    try ask("changePassword") { contents in
      guard
        let index = contents.accounts.firstIndex(where: {
          $0.user.id == user && $0.passwordHash == oldHash
        })
      else { return nil }
      contents.accounts[index] = Credentials(
        user: contents.accounts[index].user, passwordHash: newHash)
      let ended = contents.sessions.filter {
        $0.value.user.id == user && $0.value.session != session
      }
      for token in ended.keys { contents.sessions[token] = nil }
      return ended.values.map(\.session)
    }
  }

  func presences(of users: [UserID]) async throws(StoreError) -> [Presence] {
    try ask("presences") { contents in
      contents.accounts.filter { users.contains($0.user.id) }.map {
        Presence(user: $0.user.id, online: false, lastSeen: contents.lastSeen[$0.user.id])
      }
    }
  }

  func contacts(
    of user: UserID, after: UserID, limit: Int
  ) async throws(StoreError) -> [Contact] {
    try ask("contacts") { Array($0.contacts.filter { $0.user.id > after }.prefix(limit)) }
  }

  func recentContacts(of user: UserID, limit: Int) async throws(StoreError) -> [Contact] {
    try ask("recentContacts") { Array($0.recent.prefix(limit)) }
  }

  func clear(_ conversation: ConversationID) async throws(StoreError) -> MessageSequence? {
    try ask("clear") { $0.cleared[conversation] }
  }

  func conversations(
    of user: UserID, notAt cursors: [Resume.Cursor], limit: Int
  ) async throws(StoreError) -> [ConversationSummary] {
    try ask("conversations") { Array($0.behind.prefix(limit)) }
  }

  func directConversation(
    of first: UserID, and second: UserID
  ) async throws(StoreError) -> ConversationID? {
    try ask("directConversation") { $0.direct[[first, second]] }
  }

  func openDirectConversation(
    of first: UserID, and second: UserID
  ) async throws(StoreError) -> OpenedConversation? {
    try ask("openDirectConversation") { contents in
      guard contents.accounts.contains(where: { $0.user.id == second }) else { return nil }
      let id =
        contents.direct[[first, second]] ?? ConversationID(Int64(contents.direct.count + 100))
      contents.direct[[first, second]] = id
      contents.members[id] = [first, second].sorted()
      return OpenedConversation(id: id, isEmpty: !contents.written.contains(id))
    }
  }

  func members(of conversation: ConversationID) async throws(StoreError) -> [UserID]? {
    try ask("members") { $0.members[conversation] }
  }

  func history(
    of conversation: ConversationID, anchor: HistoryAnchor, limit: Int, maximumBytes: Int
  ) async throws(StoreError) -> HistoryPage {
    try ask("history limit \(limit) bytes \(maximumBytes)") { $0.page }
  }

  func messages(
    at references: [MessageReference]
  ) async throws(StoreError) -> (found: [Message], locked: Set<ConversationID>) {
    try ask("messages at \(references.count)") { state in
      (state.page.messages.filter { references.contains($0.reference) }, state.locked)
    }
  }

  func markRead(
    _ conversation: ConversationID, by user: UserID, upTo sequence: MessageSequence
  ) async throws(StoreError) -> MessageSequence? {
    try ask("markRead") { $0.readMark }
  }
}
