import MartletProtocol

/// Everything the client knows. Only `apply` changes it.
public struct AppState: Sendable {
  /// What the shell knew at start.
  public let configuration: Configuration
  /// The terminal's size.
  public private(set) var size: Size

  /// The state at start. Nothing is asked for yet; the shell connects by itself and says so.
  public init(configuration: Configuration, size: Size) {
    self.configuration = configuration
    self.size = size
  }

  /// Takes note of what happened and returns what is to be done about it.
  public mutating func apply(_ action: Action, _ environment: Environment) -> [Effect] {
    if case .resized(let size) = action { self.size = size }
    return []
  }
}
