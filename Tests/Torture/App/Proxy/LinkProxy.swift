import NIOCore
import NIOPosix

/// Stands between one client and the servers, and does to their connections what networks do. Each
/// connection goes to the next server, as a load balancer sends it.
///
/// All of it happens on one event loop.
final class LinkProxy: Sendable {
  private let eventLoop: any EventLoop
  private let state: NIOLoopBound<State>
  let port: Int

  /// What is now, on the event loop.
  final class State {
    var link = Link()
    var pairs: [ObjectIdentifier: LinkPair] = [:]
    var connections: Int

    init(from number: Int) { connections = number }
  }

  /// Begins to listen on loopback.
  ///
  /// - Parameters:
  ///   - servers: the ports to connect to, whether anybody listens there or not.
  ///   - first: which of them, modulo their number, comes first.
  static func start(
    to servers: [Int], from first: Int, on eventLoop: any EventLoop
  ) async throws -> LinkProxy {
    let state = try await eventLoop.submit {
      NIOLoopBound(State(from: first), eventLoop: eventLoop)
    }.get()
    let listener = try await ServerBootstrap(group: eventLoop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { client in
        client.eventLoop.makeCompletedFuture {
          let pair = LinkPair(client: client, state: state.value)
          state.value.pairs[ObjectIdentifier(pair)] = pair
          try pair.begin(to: servers[state.value.connections % servers.count])
          state.value.connections += 1
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return LinkProxy(
      eventLoop: eventLoop, state: state, port: listener.localAddress?.port ?? 0)
  }

  private init(eventLoop: any EventLoop, state: NIOLoopBound<State>, port: Int) {
    self.eventLoop = eventLoop
    self.state = state
    self.port = port
  }

  /// Changes the link from now on.
  func change(_ change: @escaping @Sendable (inout Link) -> Void) async throws {
    try await eventLoop.submit { [state] in
      change(&state.value.link)
      for pair in state.value.pairs.values { pair.proceed() }
    }.get()
  }

  /// Ends every connection with a reset, which may overtake what was on its way.
  func cut() async throws {
    try await eventLoop.submit { [state] in
      for pair in Array(state.value.pairs.values) { pair.reset() }
    }.get()
  }
}
