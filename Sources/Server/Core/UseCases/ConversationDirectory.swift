import MartletProtocol
import Synchronization

/// Remembers which conversations there are and who is in them, so that a message on the hot path
/// asks the database nothing. Neither changes once made.
///
/// It forgets everything when it holds as many conversations as it may: what is in use comes back with one
/// query each, and no bookkeeping slows the usual case.
final class ConversationDirectory: Sendable {
  private struct Pair: Hashable {
    let low: UserID
    let high: UserID

    init(_ first: UserID, _ second: UserID) {
      low = min(first, second)
      high = max(first, second)
    }
  }

  private struct Known {
    var members: [ConversationID: [UserID]] = [:]
    var direct: [Pair: ConversationID] = [:]
  }

  private let known = Mutex(Known())
  private let store: any ConversationStore
  private let capacity: Int

  /// - Parameter capacity: how many conversations are remembered; 100,000 take about 10 MB.
  init(store: any ConversationStore, capacity: Int = 100_000) {
    self.store = store
    self.capacity = capacity
  }

  /// The members of a conversation, as far as remembered.
  func rememberedMembers(of conversation: ConversationID) -> [UserID]? {
    known.withLock { $0.members[conversation] }
  }

  /// The direct conversation of two users, as far as remembered.
  func rememberedDirect(of first: UserID, and second: UserID) -> ConversationID? {
    known.withLock { $0.direct[Pair(first, second)] }
  }

  /// The members of a conversation; `nil` when there is no such conversation.
  func members(of conversation: ConversationID) async throws(StoreError) -> [UserID]? {
    if let members = rememberedMembers(of: conversation) { return members }
    guard let members = try await store.members(of: conversation) else { return nil }
    remember { $0.members[conversation] = members }
    return members
  }

  /// The direct conversation of two users; `nil` while there is none.
  func direct(of first: UserID, and second: UserID) async throws(StoreError) -> ConversationID? {
    if let conversation = rememberedDirect(of: first, and: second) { return conversation }
    guard let conversation = try await store.directConversation(of: first, and: second) else {
      return nil
    }
    remember(conversation, of: first, and: second)
    return conversation
  }

  /// The direct conversation of two users, made when there is none; `nil` when one of them is not
  /// registered.
  func openDirect(
    of first: UserID, and second: UserID
  ) async throws(StoreError) -> OpenedConversation? {
    guard let opened = try await store.openDirectConversation(of: first, and: second) else {
      return nil
    }
    remember(opened.id, of: first, and: second)
    return opened
  }

  /// Forgets everything, as when the database is not the one that it was.
  func forget() { known.withLock { $0 = Known() } }

  private func remember(_ conversation: ConversationID, of first: UserID, and second: UserID) {
    let pair = Pair(first, second)
    remember {
      $0.direct[pair] = conversation
      $0.members[conversation] = [pair.low, pair.high]
    }
  }

  private func remember(_ change: (inout Known) -> Void) {
    known.withLock { known in
      if known.members.count >= capacity { known = Known() }
      change(&known)
    }
  }
}
