public import MartletProtocol

/// What there is of a conversation to be searched.
public struct SearchScope: Hashable, Sendable {
  /// The newest place.
  public let last: MessageSequence
  /// Everything up to here was cleared.
  public let cleared: MessageSequence
  /// How many blocks are indexed: all before this one, and none from it on.
  public let indexed: SearchBlock

  public init(last: MessageSequence, cleared: MessageSequence, indexed: SearchBlock) {
    self.last = last
    self.cleared = cleared
    self.indexed = indexed
  }
}

/// Which messages one request looks at: first those that no block covers, the newest first, then
/// those of the blocks that may hold the query, up to a budget.
struct SearchPlan {
  /// The newest part of what no block covers; empty when there is none.
  let tail: Range<Int64>
  /// Blocks are asked for below this one...
  let blocksBefore: SearchBlock
  /// ...and so many of them at the most; 0 when the tail is more than the budget.
  let blocks: Int

  private let scope: SearchScope
  private let end: Int64
  private let tailIsWhole: Bool

  /// - Parameters:
  ///   - before: only places before it; the whole conversation for `nil`.
  ///   - budget: how many messages to look at; one block more at the most.
  init(_ scope: SearchScope, before: MessageSequence?, budget: Int) {
    self.scope = scope
    let last = scope.last.rawValue
    end = min(last, (before ?? MessageSequence(.max)).rawValue - 1) + 1
    let firstLeft = scope.cleared.rawValue + 1
    let firstUncovered = max(firstLeft, scope.indexed.places.lowerBound)
    guard end > firstUncovered else {
      tail = 0..<0
      tailIsWhole = true
      blocksBefore = min(
        SearchBlock(number: SearchBlock(of: MessageSequence(end - 1)).number + 1), scope.indexed)
      blocks = end > firstLeft ? Self.blocks(for: budget) : 0
      return
    }
    let start = max(firstUncovered, end - Int64(budget))
    tail = start..<end
    tailIsWhole = start == firstUncovered
    blocksBefore = scope.indexed
    blocks = tailIsWhole && start > firstLeft ? Self.blocks(for: budget - tail.count) : 0
  }

  private static func blocks(for budget: Int) -> Int {
    max(1, budget / Int(SearchBlock.length))
  }

  /// The stretches to look at, the newest first, given the blocks that may hold the query.
  func stretches(_ candidates: [SearchBlock]) -> [Range<Int64>] {
    let covered = candidates.map { block in
      max(
        block.places.lowerBound, scope.cleared.rawValue + 1)..<max(
          max(block.places.lowerBound, scope.cleared.rawValue + 1),
          min(block.places.upperBound + 1, end))
    }
    return ([tail] + covered).filter { !$0.isEmpty }
  }

  /// Where the next request goes on, given the blocks that this one looked at; `nil` when all has
  /// been looked at.
  func rest(after candidates: [SearchBlock]) -> MessageSequence? {
    guard tailIsWhole else { return MessageSequence(tail.lowerBound) }
    guard blocks > 0, candidates.count >= blocks, let last = candidates.last else { return nil }
    let place = last.places.lowerBound
    return place > scope.cleared.rawValue + 1 ? MessageSequence(place) : nil
  }
}
