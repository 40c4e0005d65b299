import NIOCore
import NIOHTTP1
import NIOPosix

/// A port of its own for what is measured, which is nobody's business but the operator's: `/metrics`, and the
/// probes.
struct MetricsListener: Sendable {
  private let channel: any Channel

  /// The address it listens on, with the port the system chose if none was asked for.
  var address: ListenAddress? { channel.localAddress.flatMap(ListenAddress.init) }

  /// Binds and starts accepting, if that is wanted.
  ///
  /// - Throws: ``OperatorError`` when the address cannot be had.
  init?(
    _ configuration: ServerConfiguration, gauges: Gauges, group: any EventLoopGroup
  ) async throws(OperatorError) {
    guard let address = configuration.metricsListen, let registry = configuration.metrics else {
      return nil
    }
    let bootstrap = ServerBootstrap(group: group).childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let deadline = channel.eventLoop.scheduleTask(in: Listener.requestDeadline) {
          channel.close(promise: nil)
        }
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
          withPipeliningAssistance: false, withEncoderConfiguration: .init(),
          withDecoderLimitConfiguration: Listener.headerLimits)
        try pipeline.addHandler(
          HTTPHandler(
            readiness: { await gauges.database.readiness },
            service: .metrics {
              await gauges.collect()
              return registry.exposition
            }, connections: gauges.connections, deadline: deadline))
      }
    }
    // Who is asked is not told apart there, and no password passes.
    channel = try await Listener.bind(
      bootstrap, to: address, as: .metricsListen, allowingPlaintext: true)
  }

  /// Stops accepting.
  func close() async {
    // It fails only when it is closed already.
    do { try await channel.close() } catch {}
  }
}
