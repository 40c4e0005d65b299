import Glibc
import MartletProtocol
import NIOPosix
import TortureCore

/// A trial: clients converse, faults come, all is healed, and the verdict is reached.
struct Trial {
  let seed: UInt64
  let faults: Int
  let kinds: Set<Fault.Kind>
  let meanWait: Duration
  /// How long a fault lasts at most.
  let longest: Duration
  /// How long everybody has to catch up once all is healed.
  let patience: Duration
  let messagesPerSecond: Double
  let clients: Int
  let servers: Int
  let programs: Programs
  let arena: Arena

  /// What takes part.
  private struct Cast {
    let servers: [KeptProcess]
    let clients: [KeptProcess]
    let links: [LinkProxy]
    let database: TrialDatabase
    let replicated: ReplicatedDatabase?
    var readers: [JournalReader]

    /// Whom each client is, once it has signed in.
    var users: [UserID] { readers.compactMap(\.participant.user) }
  }

  func run() async throws -> Report {
    var cast = try await begin()
    let conversations = try await introduce(&cast)
    let injector = Injector(
      servers: cast.servers, clients: cast.clients, links: cast.links, database: cast.database,
      replicated: cast.replicated, arena: arena, conversations: conversations)
    let start = ContinuousClock.now
    let counts = try await torment(with: injector)
    let healed = ContinuousClock.now
    say("All is healed; waiting until everybody has caught up.")
    try await settle(&cast)
    let end = ContinuousClock.now
    try write(try await cast.database.dump(), to: Evidence.dump)
    let versions = try await versions(cast.database)
    for client in cast.clients { _ = try await client.stop(by: nil, atMost: .seconds(5)) }
    for server in cast.servers where try await !server.stop(by: SIGTERM, atMost: .seconds(60)) {
      throw SystemFailure(because: "the server did not stop in an orderly way")
    }
    let evidence = try Evidence(in: arena.path)
    return Report(
      seed: seed, faults: counts, date: Programs.date, versions: versions,
      machine: Programs.machine,
      duration: (healed - start, end - healed), journals: evidence.journals,
      database: evidence.database)
  }

  private func versions(_ database: TrialDatabase) async throws -> String {
    let output = arena.path + "/version"
    let martletd = try ChildProcess(programs.martletd, ["--version"], log: output)
    guard try await martletd.waitUntilEnded(atMost: .seconds(10)) else {
      throw SystemFailure(because: "martletd does not say its version")
    }
    let server = String(decoding: try readAll(output), as: UTF8.self)
    let postgres = try await database.run("SHOW server_version")
    return "\(server), PostgreSQL \(postgres)".filter { !$0.isNewline }
  }

  // MARK: The beginning

  private func begin() async throws -> Cast {
    let replicated = servers > 1 ? ReplicatedDatabase(in: arena) : nil
    try await replicated?.start()
    let ports = try (0..<servers).map { _ in try Programs.freePort() }
    let started = ports.enumerated().map { index, port in server(index, at: port, replicated) }
    for server in started { try await server.start() }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var links: [LinkProxy] = []
    var processes: [KeptProcess] = []
    for number in 1...clients {
      let link = try await LinkProxy.start(to: ports, from: number, on: group.next())
      links.append(link)
      let process = KeptProcess(
        programs.torture,
        [
          "client", "--server", "ws://127.0.0.1:\(link.port)", "--name", "client\(number)",
          "--journal", "\(arena.path)/\(Evidence.journal(of: number))",
          "--seed", "\(seed &+ UInt64(number))",
          // Every other one waits for each answer before it sends the next.
          "--window", number.isMultiple(of: 2) ? "1" : "8",
        ], log: arena.path + "/client-\(number).log")
      try await process.start()
      processes.append(process)
    }
    return Cast(
      servers: started, clients: processes, links: links,
      database: replicated?.current
        ?? TrialDatabase(arena: arena) { [arena] in arena.dataDirectory + "/postgres" },
      replicated: replicated,
      readers: (1...clients).map { JournalReader("\(arena.path)/\(Evidence.journal(of: $0))") })
  }

  private func server(
    _ index: Int, at port: Int, _ replicated: ReplicatedDatabase?
  ) -> KeptProcess {
    var arguments = ["serve", "--listen", "127.0.0.1:\(port)", "--data-directory"]
    if let replicated {
      arguments += [
        "\(arena.dataDirectory)/node\(index)", "--database-url", replicated.connectionString,
        "--attachments-directory", "\(arena.dataDirectory)/attachments",
      ]
    } else {
      arguments.append(arena.dataDirectory)
    }
    return KeptProcess(
      programs.martletd, arguments, log: "\(arena.path)/martletd-\(index + 1).log")
  }

  /// Waits until everybody is there and makes the busy conversation, of which all are members; the
  /// protocol has no way to, yet.
  private func introduce(
    _ cast: inout Cast
  ) async throws -> [(id: ConversationID, members: [Int])] {
    let deadline = ContinuousClock.now + .seconds(90)
    while cast.users.count < clients {
      guard ContinuousClock.now < deadline else {
        throw SystemFailure(because: "not everybody could sign in")
      }
      try await Task.sleep(for: .milliseconds(100))
      for index in cast.readers.indices { try cast.readers[index].read() }
    }
    // The log of a database that is allowed a gigabyte would fill the small disk by itself.
    try await cast.database.run("ALTER SYSTEM SET max_wal_size = '128MB'")
    try await cast.database.run("SELECT pg_reload_conf()")
    let made = try await cast.database.run(
      """
      WITH made AS (INSERT INTO conversations DEFAULT VALUES RETURNING id)
      INSERT INTO members (user_id, conversation_id) SELECT users.id, made.id FROM users, made
      RETURNING conversation_id
      """)
    guard let all = made.split(separator: "\n").first.flatMap({ Int64($0) }) else {
      throw SystemFailure(because: "the busy conversation could not be made")
    }
    let users = cast.users
    for (user, client) in zip(users, cast.clients) {
      let others = users.filter { $0 != user }.map(Target.user)
      let order = ClientOrder.converse(
        others + [.conversation(ConversationID(all))], perSecond: messagesPerSecond)
      await client.tell(order.line, instead: true)
    }
    // Some of the direct conversations are to be there, and some are to be made amid faults.
    try await Task.sleep(for: .seconds(2))
    let rows = try await cast.database.run(
      "SELECT conversation_id, string_agg(user_id::text, ',') FROM members GROUP BY 1 ORDER BY 1")
    return rows.split(separator: "\n").compactMap { row in
      let fields = row.split(separator: "|")
      guard fields.count == 2, let id = Int64(fields[0]) else { return nil }
      let members = fields[1].split(separator: ",").compactMap { Int64($0) }
        .compactMap { users.firstIndex(of: UserID($0)) }
      return (ConversationID(id), members)
    }
  }

  // MARK: Faults

  private func torment(with injector: Injector) async throws -> [Fault.Kind: Int] {
    var counts = Dictionary(uniqueKeysWithValues: kinds.map { ($0, 0) })
    var total = 0
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (wait, fault) in FaultSequence(
        seed: seed, of: kinds, meanWait: meanWait, longest: longest
      )
      .lazy.map({ ($0.wait, $0.fault) }) {
        try await Task.sleep(for: wait)
        guard let heal = try await injector.begin(fault) else { continue }
        group.addTask(operation: heal)
        counts[fault.kind, default: 0] += 1
        total += 1
        if total.isMultiple(of: 50) { say("\(total) faults") }
        if total >= faults { break }
      }
      try await group.waitForAll()
    }
    arena.freeDisk()
    for link in injector.links { try await link.change { $0 = Link() } }
    return counts
  }

  // MARK: The end

  /// Waits until nobody writes, nothing waits and everybody has everything; not for ever, as whoever
  /// has not is found by the checker.
  private func settle(_ cast: inout Cast) async throws {
    for client in cast.clients { await client.tell(ClientOrder.quiet.line, instead: true) }
    let deadline = ContinuousClock.now + patience
    var settledLooks = 0
    // Twice in a row: the first time something may just have been on its way.
    while settledLooks < 2, ContinuousClock.now < deadline {
      try await Task.sleep(for: .seconds(1))
      for index in cast.readers.indices { try cast.readers[index].read() }
      settledLooks = try await isSettled(cast) ? settledLooks + 1 : 0
    }
  }

  private func isSettled(_ cast: Cast) async throws -> Bool {
    let participants = cast.readers.map(\.participant)
    guard participants.allSatisfy({ $0.outbox.count == 0 }) else { return false }
    let rows: String
    do {
      rows = try await cast.database.run(
        """
        SELECT user_id, conversation_id, last_sequence, cleared_sequence
        FROM members JOIN conversations ON conversations.id = conversation_id
        """)
    } catch {
      // It is still coming back.
      return false
    }
    return rows.split(separator: "\n").allSatisfy { row in
      let numbers = row.split(separator: "|").compactMap { Int64($0) }
      guard numbers.count == 4,
        let participant = participants.first(where: { $0.user == UserID(numbers[0]) })
      else { return false }
      let held = participant.conversations[ConversationID(numbers[1])] ?? HeldConversation()
      return held.cursor.rawValue == numbers[2] && held.cleared.rawValue == numbers[3]
    }
  }

  private func write(_ text: String, to name: String) throws {
    guard let file = fopen("\(arena.path)/\(name)", "w") else {
      throw SystemFailure("write \(name)")
    }
    defer { fclose(file) }
    guard fputs(text, file) >= 0 else { throw SystemFailure("write \(name)") }
  }
}
