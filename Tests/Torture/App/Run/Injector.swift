import Glibc
import MartletProtocol
import TortureCore

/// Brings faults about, and heals them.
struct Injector: Sendable {
  let servers: [KeptProcess]
  let clients: [KeptProcess]
  /// One for each client.
  let links: [LinkProxy]
  let database: TrialDatabase
  /// `nil` where a server has a database of its own.
  let replicated: ReplicatedDatabase?
  let arena: Arena
  /// Conversations and the clients in them, by index.
  let conversations: [(id: ConversationID, members: [Int])]

  /// Lets time pass, and makes things good again.
  typealias Healing = @Sendable () async throws -> Void

  /// Begins a fault; `nil` when what it should meet is down already.
  func begin(_ fault: Fault) async throws -> Healing? {
    let duration = fault.duration
    let client = clients[fault.choose(of: clients.count)]
    let server = servers[fault.choose(of: servers.count)]
    switch fault.kind {
    case .serverKilled: return healsByItself(await server.signal(SIGKILL, thenStayAway: duration))
    case .serverRestarted:
      return healsByItself(await server.signal(SIGTERM, thenStayAway: duration / 4))
    case .clientKilled: return healsByItself(await client.signal(SIGKILL, thenStayAway: duration))
    // What `pg_ctl stop -m immediate` sends.
    case .databaseStopped: return healsByItself(signalDatabase(SIGQUIT))
    case .databaseKilled: return healsByItself(signalDatabase(SIGKILL))
    case .primaryKilled:
      guard let replicated, await replicated.killPrimary() else { return nil }
      return {
        try await Task.sleep(for: duration / 4)
        try await replicated.failOver()
      }
    case .backendKilled:
      guard let postmaster = database.postmaster else { return nil }
      let backends = database.backends(of: postmaster)
      guard !backends.isEmpty else { return nil }
      return healsByItself(kill(backends[fault.choose(of: backends.count)], SIGKILL) == 0)
    case .serverPaused: return { _ = try await server.pause(for: duration) }
    case .clientPaused: return { _ = try await client.pause(for: duration) }
    case .databasePaused: return pauseDatabase(for: duration)
    case .connectionCut, .connectionHalfOpen, .linkStalled, .linkDelayed, .linkThrottled:
      return try await disturb(links[fault.choose(of: links.count)], fault)
    case .clockJumped:
      // Up to a day, either way.
      let jump = ClientOrder.jump(milliseconds: Int64((fault.strength - 0.5) * 172_800_000))
      await client.tell(jump.line)
      return {}
    case .diskFull:
      arena.fillDisk()
      return {
        try await Task.sleep(for: duration)
        arena.freeDisk()
      }
    case .historyCleared: return await clearAmidSends(fault)
    }
  }

  private func healsByItself(_ hasBegun: Bool) -> Healing? {
    guard hasBegun else { return nil }
    return {}
  }

  private func signalDatabase(_ signal: Int32) -> Bool {
    database.postmaster.map { kill($0, signal) == 0 } ?? false
  }

  private func pauseDatabase(for duration: Duration) -> Healing? {
    guard let postmaster = database.postmaster else { return nil }
    let all = [postmaster] + database.backends(of: postmaster)
    for process in all { kill(process, SIGSTOP) }
    return {
      try await Task.sleep(for: duration)
      for process in all { kill(process, SIGCONT) }
    }
  }

  private func disturb(_ link: LinkProxy, _ fault: Fault) async throws -> Healing {
    let (duration, strength) = (fault.duration, fault.strength)
    switch fault.kind {
    case .connectionHalfOpen:
      try await link.change { $0.swallows = true }
      return {
        try await Task.sleep(for: duration)
        try await link.change { $0.swallows = false }
        // Bytes are missing: nothing that went through can go on.
        try await link.cut()
      }
    case .linkStalled:
      let isUp = strength < 0.5
      try await link.change { if isUp { $0.holdsUp = true } else { $0.holdsDown = true } }
      return {
        try await Task.sleep(for: duration)
        try await link.change { if isUp { $0.holdsUp = false } else { $0.holdsDown = false } }
      }
    case .linkDelayed:
      try await link.change { $0.delay = .milliseconds(Int(10 + strength * 500)) }
      return {
        try await Task.sleep(for: duration)
        try await link.change { $0.delay = .zero }
      }
    case .linkThrottled:
      try await link.change { $0.bytesPerSecond = Int(2_000 + strength * 50_000) }
      return {
        try await Task.sleep(for: duration)
        try await link.change { $0.bytesPerSecond = nil }
      }
    case _:
      try await link.cut()
      return {}
    }
  }

  /// All members write into a conversation, and one of them clears it meanwhile.
  private func clearAmidSends(_ fault: Fault) async -> Healing? {
    guard !conversations.isEmpty else { return nil }
    let (id, members) = conversations[fault.choose(of: conversations.count)]
    guard let one = members.first else { return nil }
    let rush = ClientOrder.rush(.conversation(id), messages: Int(5 + fault.strength * 15))
    for member in members { await clients[member].tell(rush.line) }
    return {
      try await Task.sleep(for: .milliseconds(Int(fault.strength * 100)))
      await clients[one].tell(ClientOrder.clear(id).line)
    }
  }
}
