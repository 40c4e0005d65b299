import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import NIOCore
import NIOFoundationEssentialsCompat
import NIOPosix
import ServerCore

/// Whoever does what a command asks for: the server that runs on the data directory, or, where none does, this
/// process by itself.
enum Administrator {
  case server(socket: String)
  case ourselves(Backend)

  /// Finds the server, or opens what it would have opened, for as long as `body` runs.
  ///
  /// - Throws: ``OperatorError`` when there is neither, and what `body` throws.
  static func with<Value>(
    _ configuration: ServerConfiguration, logger: Logger,
    _ body: (Administrator) async throws(OperatorError) -> Value
  ) async throws(OperatorError) -> Value {
    if try await isListening(in: configuration.dataDirectory) {
      return try await body(
        .server(socket: ControlSocket.path(in: configuration.dataDirectory)))
    }
    // To make one here would be the answer to another question.
    try HeldDatabase.checkExistence(configuration)
    let backend = try await Backend.start(configuration, isServer: false, logger: logger)
    await backend.nodes?.speak()
    let result = await attempt { () async throws(OperatorError) in
      if let problem = await backend.database.readiness {
        throw OperatorError("Nothing can be done: \(problem).")
      }
      return try await body(.ourselves(backend))
    }
    await backend.close(logger: logger)
    return try result.get()
  }

  /// Does something.
  ///
  /// - Parameter patience: how long a server may take.
  func perform<Act: AdministrationAct>(
    _ act: Act, within patience: Duration = .seconds(60)
  ) async throws(OperatorError) -> Act.Reply {
    let result: Result<Act.Reply, RPCError>
    switch self {
    case .server(let socket):
      result = try await Self.ask(socket, act, patience)
    case .ourselves(let backend):
      result = await attempt { () async throws(RPCError) in
        try await act.perform(by: backend.administration)
      }
    }
    switch result {
    case .success(let reply): return reply
    case .failure(let error): throw OperatorError(error.message)
    }
  }

  /// Whether a server runs, as far as this process may ask it.
  var isServer: Bool {
    switch self {
    case .server: true
    case .ourselves: false
    }
  }

  /// Whether a server runs on a data directory.
  ///
  /// - Throws: ``OperatorError`` when it is not for us to ask.
  static func isListening(in dataDirectory: String) async throws(OperatorError) -> Bool {
    let socket = ControlSocket.path(in: dataDirectory)
    do {
      try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(unixDomainSocketPath: socket).get().close()
      return true
    } catch let error as IOError where [ENOENT, ECONNREFUSED, ENOTDIR].contains(error.errnoCode) {
      return false
    } catch let error as IOError where error.errnoCode == EACCES {
      throw OperatorError(
        "\(socket) belongs to somebody else: run this as the user as whom the server runs, or as root."
      )
    } catch {
      throw OperatorError("The server cannot be asked at \(socket): \(error)")
    }
  }

  private static func ask<Act: AdministrationAct>(
    _ socket: String, _ act: Act, _ patience: Duration
  ) async throws(OperatorError) -> Result<Act.Reply, RPCError> {
    let outcome = await withTaskGroup(of: Result<Result<Act.Reply, RPCError>, OperatorError>?.self)
    {
      group in
      group.addTask {
        await attempt { () async throws(OperatorError) in try await ask(socket, act) }
      }
      group.addTask {
        // Cancelled when the other is done: then nobody looks at this.
        do { try await Task.sleep(for: patience) } catch {}
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    guard let outcome else {
      throw OperatorError(
        "The server runs, but does not answer within \(patience.components.seconds) s; it may still be at "
          + "it: look at its log before you start it again.")
    }
    return try outcome.get()
  }

  private static func ask<Act: AdministrationAct>(
    _ socket: String, _ act: Act
  ) async throws(OperatorError) -> Result<Act.Reply, RPCError> {
    do {
      var request = ByteBuffer(string: Act.name + "\n")
      request.writeBytes(try JSONEncoder().encode(act))
      let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(unixDomainSocketPath: socket) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
              wrappingChannelSynchronously: channel,
              configuration: .init(isOutboundHalfClosureEnabled: true))
          }
        }
      let answer = try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(request)
        outbound.finish()
        var answer = ByteBuffer()
        for try await var part in inbound { answer.writeBuffer(&part) }
        return answer
      }
      return try result(of: answer)
    } catch {
      throw OperatorError("The server went away before it had answered: \(error)")
    }
  }

  private static func result<Reply: Decodable>(
    of answer: ByteBuffer
  ) throws -> Result<Reply, RPCError> {
    let parts = answer.readableBytesView.split(
      separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2,
      let verdict = ControlSocket.Verdict(rawValue: String(decoding: parts[0], as: UTF8.self))
    else { throw OperatorError("its answer is cut off") }
    let content = Data(parts[1])
    return switch verdict {
    case .done: .success(try JSONDecoder().decode(Reply.self, from: content))
    case .refused: .failure(try JSONDecoder().decode(RPCError.self, from: content))
    }
  }
}
