import Synchronization

@testable import ServerCore

/// Other nodes, which only write down what they are told.
final class RecordingPeers: Peers {
  private let told = Mutex<[NodeEvent]>([])

  let arePresent = true

  var events: [NodeEvent] { told.withLock { $0 } }

  func tell(_ event: NodeEvent) { told.withLock { $0.append(event) } }
}
