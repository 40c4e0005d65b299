public import MartletProtocol

/// `invite create`: a code with which accounts can be made.
public struct CreateInvite: AdministrationAct {
  /// How many accounts.
  public let uses: Int64
  /// How long it lasts; for ever without.
  public let seconds: Int64?
  /// What it is for, which only operators see.
  public let note: String

  public init(uses: Int64 = 1, seconds: Int64? = nil, note: String = "") {
    self.uses = uses
    self.seconds = seconds
    self.note = note
  }

  public func perform(by administration: Administration) async throws(RPCError) -> Invite {
    let chat = administration.chat
    let invite = NewInvite(
      code: InviteCode.fresh(), uses: uses,
      expiresAt: seconds.map { chat.outside.now().after(seconds: $0) }, note: note)
    let created = try await chat.asking { () async throws(StoreError) in
      try await administration.store.createInvite(invite)
    }
    // A code is a secret for as long as it can be used.
    await administration.record(.inviteCreated, detail: InviteCode.hint(created.code))
    return created
  }
}

/// `invite list`: the invites that can be used.
public struct ListInvites: AdministrationAct {
  public init() {}

  public func perform(by administration: Administration) async throws(RPCError) -> [Invite] {
    try await administration.chat.asking { () async throws(StoreError) in
      try await administration.store.invites()
    }
  }
}

/// `invite revoke`: makes an invite void.
public struct RevokeInvite: AdministrationAct {
  public let code: String

  public init(code: String) { self.code = code }

  public func perform(by administration: Administration) async throws(RPCError) -> Done {
    let code = InviteCode.normalized(code)
    let wasThere = try await administration.chat.asking { () async throws(StoreError) in
      try await administration.store.revokeInvite(code)
    }
    guard wasThere else { throw RPCError(.invalidInvite, "There is no such invite.") }
    await administration.record(.inviteRevoked, detail: InviteCode.hint(code))
    return Done()
  }
}

/// The form of invites: 80 random bits in Crockford's Base32, which nobody misreads.
public enum InviteCode {
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
  private static let length = 16

  /// A code that nobody can guess, such as `7K3M-9QXA-04TZ-RB5D`.
  static func fresh() -> String {
    // The system's generator is fit for secrets.
    grouped((0..<length).map { _ in digits[Int.random(in: 0..<digits.count)] })
  }

  /// The form in which a code is kept, whatever case, hyphens and likenesses it was typed with.
  public static func normalized(_ typed: String) -> String {
    grouped(
      typed.uppercased().compactMap { character in
        switch character {
        case "O": "0"
        case "I", "L": "1"
        default: digits.contains(character) ? character : nil
        }
      })
  }

  /// What tells a code from others, and is of no use to anybody.
  static func hint(_ code: String) -> String { "\(code.prefix(4))…" }

  private static func grouped(_ letters: [Character]) -> String {
    stride(from: 0, to: letters.count, by: 4)
      .map { String(letters[$0..<min($0 + 4, letters.count)]) }
      .joined(separator: "-")
  }
}
