import Glibc
import NIOCore
import NIOPosix

/// One connection through a ``LinkProxy``: a client's socket, one to the server, and a lane each way.
final class LinkPair {
  private let client: any Channel
  private var server: (any Channel)?
  private let state: LinkProxy.State
  private var lanes: [LinkLane] = []

  init(client: any Channel, state: LinkProxy.State) {
    self.client = client
    self.state = state
  }

  /// What the link does at present.
  var link: Link { state.link }

  /// Connects to the server.
  func begin(to port: Int) throws {
    let pair = NIOLoopBound(self, eventLoop: client.eventLoop)
    let up = LinkLane(pair: pair, isUp: true)
    try client.pipeline.syncOperations.addHandler(up)
    lanes.append(up)
    ClientBootstrap(group: client.eventLoop)
      .connectTimeout(.seconds(2))
      .channelOption(.autoRead, value: false)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { server in
        server.eventLoop.makeCompletedFuture {
          let down = LinkLane(pair: pair, isUp: false)
          down.destination = pair.value.client
          pair.value.lanes.append(down)
          try server.pipeline.syncOperations.addHandler(down)
        }
      }
      .connect(host: "127.0.0.1", port: port)
      .whenComplete { result in
        switch result {
        case .failure: pair.value.reset()
        case .success(let server): pair.value.connected(to: server)
        }
      }
  }

  private func connected(to server: any Channel) {
    self.server = server
    lanes.first?.destination = server
    // Cut, meanwhile.
    guard client.isActive else { return reset() }
    for lane in lanes { lane.begin() }
  }

  /// Something about the link has changed.
  func proceed() {
    for lane in lanes { lane.proceed() }
  }

  /// Ends one side in an orderly way, as the other was.
  func end(_ channel: any Channel) {
    channel.close(promise: nil)
    if !client.isActive, server?.isActive != true { state.pairs[ObjectIdentifier(self)] = nil }
  }

  /// Ends both sides as a machine does that knows nothing of them.
  func reset() {
    state.pairs[ObjectIdentifier(self)] = nil
    for channel in [client, server].compactMap({ $0 }) {
      // A reset instead of an orderly end; if it cannot be had, an end it is.
      if let socket = channel as? any SocketOptionProvider {
        _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      }
      channel.close(promise: nil)
    }
  }
}
