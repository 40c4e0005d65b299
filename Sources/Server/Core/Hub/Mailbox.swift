public import FoundationEssentials
public import MartletProtocol

/// The way to one connection. Calls may come from any thread and never block.
public protocol Mailbox: AnyObject, Sendable {
  /// Queues a push. An ephemeral one may be dropped when the receiver is slow.
  func deliver(_ push: OutgoingPush)
  /// Closes the connection with a reason, after what was queued before.
  func close(_ code: CloseCode)
}

/// A push, encoded once for all its receivers.
public struct OutgoingPush: Sendable {
  /// The text frame's content.
  public let frame: Data
  /// Whether the receiver can do without it.
  public let isEphemeral: Bool

  /// Encodes a push.
  public init(_ push: some PushMessage, isEphemeral: Bool = false) {
    frame = WireCodec.encode(push)
    self.isEphemeral = isEphemeral
  }

  /// A push that another node has encoded.
  init(frame: String, isEphemeral: Bool) {
    self.frame = Data(frame.utf8)
    self.isEphemeral = isEphemeral
  }
}
