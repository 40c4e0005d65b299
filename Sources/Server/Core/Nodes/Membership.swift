/// Which other nodes there are, as far as one node knows.
public struct Membership: Equatable, Sendable {
  /// Those to which this node has told who is connected to it.
  private var met: Set<NodeID> = []
  /// Those that have told it the same.
  private var introduced: Set<NodeID> = []
  private var listed: Set<NodeID> = []
  /// Those that have told it since the last look at the list, which may be older than they are.
  private var fresh: Set<NodeID> = []
  /// Those that have said goodbye; they may be listed for a moment.
  private var gone: Set<NodeID> = []

  public init() {}

  /// Whether there are others.
  public var hasPeers: Bool { !met.isEmpty || !listed.isEmpty }

  /// Whether all others are known with who is connected to them, and tell every change: from then on this node
  /// may have clients.
  public var isComplete: Bool { listed.isSubset(of: introduced) && listed.isSubset(of: met) }

  /// What a look at the list of nodes has shown.
  public struct Change: Equatable, Sendable {
    /// Whether somebody is new, and is to be told who is connected here.
    public let hasNewcomers: Bool
    /// Those who have gone without a word, and with them perhaps what they had not told yet.
    public let lost: Set<NodeID>

    public init(hasNewcomers: Bool, lost: Set<NodeID>) {
      self.hasNewcomers = hasNewcomers
      self.lost = lost
    }
  }

  /// Takes note of the other nodes that are listed.
  public mutating func see(_ all: Set<NodeID>) -> Change {
    let living = all.subtracting(gone)
    let change = Change(
      hasNewcomers: !living.isSubset(of: met),
      lost: met.union(introduced).subtracting(living).subtracting(fresh))
    listed = living
    met = living
    introduced.subtract(change.lost)
    fresh = []
    return change
  }

  /// Whether it is known who is connected to a node. Of one that was taken for dead, and does not know it yet,
  /// it is not.
  public func knows(_ node: NodeID) -> Bool { introduced.contains(node) }

  /// Takes note of what a node has told.
  public mutating func hear(_ events: [NodeEvent], from node: NodeID) {
    for event in events {
      switch event {
      case .present:
        introduced.insert(node)
        if !listed.contains(node) { fresh.insert(node) }
      case .leaving: dismiss(node)
      default: break
      }
    }
  }

  private mutating func dismiss(_ node: NodeID) {
    met.remove(node)
    introduced.remove(node)
    listed.remove(node)
    fresh.remove(node)
    gone.insert(node)
  }
}
