import MartletClient
import MartletProtocol
import NIOCore

/// Talks to martletd, through the library that the client is made of. Account number n is the user whose
/// id is n after the first one's, and its token is `load-n`; `setup.sql` makes them.
struct MartletDriver: Driver {
  /// Those of the nodes: the accounts connect to each of them in turn.
  let addresses: [ServerAddress]
  let options: ConnectionOptions
  let firstUser: Int64
  let group: any EventLoopGroup
  let acknowledges = true

  func signIn(
    _ account: Int, received: @escaping @Sendable (Substring.UTF8View) -> Void
  ) async throws -> any Speaker {
    let connection = try await Connection.connect(
      to: addresses[account % addresses.count], options: options, group: group
    ) { push in
      if case .message(let push) = push { received(push.message.text[...].utf8) }
      return true
    }
    _ = try await connection.hello(Hello(client: "martlet-load"))
    _ = try await connection.request(Resume(token: "load-\(account)", cursors: []))
    // As the client does, which shows a screenful of people and hears of no others.
    _ = try await connection.request(WatchPresence(users: []))
    return MartletSpeaker(connection: connection, firstUser: firstUser)
  }
}

private struct MartletSpeaker: Speaker {
  let connection: Connection
  let firstUser: Int64

  func say(
    _ text: String, to account: Int,
    acknowledged: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    let message = SendMessage(
      target: .user(UserID(firstUser + Int64(account))),
      key: IdempotencyKey(at: ClientTime.system.wall()), text: text)
    connection.perform(message) { result in
      acknowledged(result.map { _ in }.mapError { $0 })
    }
  }

  func leave() async {
    connection.close()
    _ = await connection.closed
  }
}
