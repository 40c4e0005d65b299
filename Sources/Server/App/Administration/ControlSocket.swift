import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import NIOCore
import NIOFoundationEssentialsCompat
import NIOPosix
import ServerCore

/// The socket in the data directory on which a running server takes what operators ask for. Whoever may open
/// it, as the directory's modes say, may do everything.
///
/// One request a connection: the name of an ``AdministrationAct`` in a line, its JSON until the client has
/// closed its half; then the answer in the same form, by the name of ``Verdict``.
struct ControlSocket: Sendable {
  /// How an answer begins.
  enum Verdict: String {
    case done
    /// An ``RPCError`` follows.
    case refused
  }

  /// More than any request has.
  private static let maximumBytes = 64 * 1024

  private let channel: any Channel

  /// Where it is in a data directory.
  static func path(in dataDirectory: String) -> String { dataDirectory + "/control/socket" }

  /// Binds and starts accepting.
  ///
  /// - Throws: ``OperatorError`` when it cannot be made there.
  init(
    in dataDirectory: String, for administration: Administration, group: any EventLoopGroup,
    logger: Logger
  ) async throws(OperatorError) {
    // The directory first: what is in it is nobody else's from the beginning.
    try DataDirectory.makeDirectory(dataDirectory + "/control", mode: 0o700)
    let path = Self.path(in: dataDirectory)
    do {
      channel = try await ServerBootstrap(group: group)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              Handler(administration: administration, logger: logger))
          }
        }
        .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    } catch {
      throw OperatorError(
        "Cannot listen on \(path): \(error). Is the path of the data directory too long, or its disk full?"
      )
    }
  }

  /// Stops accepting.
  func close() async {
    // It fails only when it is closed already.
    do { try await channel.close() } catch {}
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let administration: Administration
    private let logger: Logger
    private var request = ByteBuffer()

    init(administration: Administration, logger: Logger) {
      self.administration = administration
      self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var part = unwrapInboundIn(data)
      request.writeBuffer(&part)
      if request.readableBytes > ControlSocket.maximumBytes { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard case ChannelEvent.inputClosed = event else { return }
      let (request, administration) = (request, administration)
      let channel = context.channel
      channel.eventLoop.makeFutureWithTask {
        await ControlSocket.answer(request, by: administration)
      }.whenSuccess { answer in
        channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      logger.debug("a command went away", metadata: ["cause": "\(error)"])
      context.close(promise: nil)
    }
  }

  private static func answer(
    _ request: ByteBuffer, by administration: Administration
  ) async -> ByteBuffer {
    let result = await attempt { () async throws(RPCError) -> Data in
      let parts = request.readableBytesView.split(
        separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2,
        let act = Administration.acts[String(decoding: parts[0], as: UTF8.self)]
      else {
        throw RPCError(
          .unknownMethod, "The server is of another version than this command; start it again.")
      }
      return try await perform(act, Data(parts[1]), by: administration)
    }
    switch result {
    case .success(let reply): return buffer(.done, reply)
    case .failure(let error): return buffer(.refused, encoded(error))
    }
  }

  private static func perform<Act: AdministrationAct>(
    _ act: Act.Type, _ request: Data, by administration: Administration
  ) async throws(RPCError) -> Data {
    let request = try decoded(act, from: request)
    return encoded(try await request.perform(by: administration))
  }

  private static func decoded<Act: AdministrationAct>(
    _ act: Act.Type, from request: Data
  ) throws(RPCError) -> Act {
    do {
      return try JSONDecoder().decode(act, from: request)
    } catch {
      throw RPCError(.invalidParameters, "The server does not understand the request: \(error)")
    }
  }

  private static func encoded(_ value: some Encodable) -> Data {
    do {
      return try JSONEncoder().encode(value)
    } catch {
      // Every answer is made of texts, integers and booleans, which always encode.
      preconditionFailure("an answer that JSON cannot write: \(error)")
    }
  }

  private static func buffer(_ verdict: Verdict, _ content: Data) -> ByteBuffer {
    var buffer = ByteBuffer(string: verdict.rawValue + "\n")
    buffer.writeBytes(content)
    return buffer
  }
}
