import Logging
public import MartletProtocol

/// What operators do, apart from how they say it: the acts, one type each.
///
/// In a running server whoever is connected is told; without one there is nobody to tell, and all the same
/// is done.
public final class Administration: Sendable {
  let chat: Chat
  let store: any AdministrationStore

  public init(chat: Chat, store: any AdministrationStore) {
    self.chat = chat
    self.store = store
  }

  /// Every act, by the name under which it is asked for.
  public static let acts: [String: any AdministrationAct.Type] = Dictionary(
    uniqueKeysWithValues: ([
      AddUser.self, ListUsers.self, ShowUser.self, SetPassword.self, SetDisabled.self,
      SetMuted.self,
      DeleteUser.self, ListUserSessions.self, EndUserSessions.self, CreateInvite.self,
      ListInvites.self,
      RevokeInvite.self, ReadStatistics.self, ReadAudit.self,
    ] as [any AdministrationAct.Type]).map { ($0.name, $0) })

  /// The account of a name.
  func account(_ name: String) async throws(RPCError) -> AccountRecord {
    let found = try await chat.asking { () async throws(StoreError) in
      try await store.account(named: name)
    }
    guard var account = found else {
      throw RPCError(.unknownUser, "Nobody is called '\(name)'.")
    }
    account.online = !chat.hub.sessions(of: account.id).isEmpty
    return account
  }

  /// Changes an account, writes down that it was done, and returns what the change gave.
  func change<Answer>(
    _ name: String, _ event: AuditEntry.Event, detail: String = "",
    _ change: (AccountRecord) async throws(StoreError) -> Answer
  ) async throws(RPCError) -> (account: AccountRecord, answer: Answer) {
    let account = try await account(name)
    let answer = try await chat.asking { () async throws(StoreError) in try await change(account) }
    await record(event, user: account.id, detail: detail)
    return (account, answer)
  }

  func record(_ event: AuditEntry.Event, user: UserID? = nil, detail: String = "") async {
    await chat.record(AuditEntry(event, user: user, origin: "operator", detail: detail))
  }

  /// Tells the devices of sessions that were ended.
  func end(_ sessions: some Sequence<SessionID>, of user: UserID, reason: String) {
    for session in sessions { chat.hub.end(session, of: user, reason: reason) }
  }
}

/// Something that an operator asks for, and how it is done.
public protocol AdministrationAct: Codable, Sendable {
  associatedtype Reply: Codable & Sendable

  /// Does it.
  ///
  /// - Throws: ``RPCError``, whose words are fit for the operator.
  func perform(by administration: Administration) async throws(RPCError) -> Reply
}

extension AdministrationAct {
  /// The name under which it is asked for.
  public static var name: String { String(describing: Self.self) }
}
