/// Counts open connections, and refuses those above what there may be in all or from one address.
public struct ConnectionCap: Sendable {
  public enum Refusal: String, Sendable {
    case tooMany = "the server has as many connections as it may"
    case tooManyFromAddress = "the address has as many connections as it may"
  }

  /// How many there may be.
  public var total: Int
  private let perAddress: Int
  private var open = 0
  private var openFrom: [Origin: Int] = [:]

  /// So many as a rule, unless an operator says otherwise.
  public static let usualTotal = 20_000
  public static let usualPerAddress = 250

  public init(total: Int, perAddress: Int) {
    self.total = total
    self.perAddress = perAddress
  }

  /// Counts a connection. Returns why there may not be another, in which case none is counted.
  ///
  /// This machine is no address: a proxy on it brings everybody's connections.
  public mutating func admit(_ origin: Origin) -> Refusal? {
    guard open < total else { return .tooMany }
    guard origin == .local || openFrom[origin, default: 0] < perAddress else {
      return .tooManyFromAddress
    }
    open += 1
    openFrom[origin, default: 0] += 1
    return nil
  }

  /// A connection that was counted has closed.
  public mutating func closed(_ origin: Origin) {
    open -= 1
    guard let count = openFrom[origin] else { return }
    openFrom[origin] = count > 1 ? count - 1 : nil
  }
}
