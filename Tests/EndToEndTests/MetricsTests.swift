import MartletProtocol
import TestSupport
import Testing

/// What Prometheus reads of a server that has had something to do.
@Suite struct MetricsTests {
  @Test func whatWasDoneIsCounted() async throws {
    let server = try await TestServer(settings: "MARTLET_METRICS_LISTEN=127.0.0.1:0\n")
    let port = await server.port
    let alice = try await Stranger(named: "alice", at: port)
    let bob = try await Stranger(named: "bob", at: port)
    let target = Target.user(try await alice.find("bob"))
    try await alice.send(["one", "two", "three"], to: target)
    _ = try await bob.search("two", in: .user(try await bob.find("alice")))
    for name in ["alice", "nobody"] {
      await #expect(throws: (any Error).self) {
        _ = try await Stranger(named: name, password: "not the password", at: port)
      }
    }

    let answer = try await RawConnection.request(
      "GET /metrics", port: try await server.metricsPort())
    #expect(answer.status == 200)
    for line in [
      "martlet_signed_in_connections 2", "martlet_signed_in_users 2",
      "martlet_messages_total 3", "martlet_acknowledgement_seconds_count 3",
      "martlet_commit_messages_sum 3", "martlet_queued_messages 0",
      "martlet_search_seconds_count 1",
      "martlet_registrations_total 2", "martlet_sign_ins_total 2", "martlet_database_up 1",
      "martlet_sign_in_failures_total{reason=\"wrong password\"} 1",
      "martlet_sign_in_failures_total{reason=\"unknown name\"} 1",
      "martlet_sign_in_failures_total{reason=\"too many attempts\"} 0",
    ] {
      #expect(answer.body.split(separator: "\n").contains(line[...]), "\(line)\n\(answer.body)")
    }
    #expect(!answer.body.contains("process_resident_memory_bytes 0\n"))
    // Nothing of it where everybody comes.
    #expect(try await RawConnection.request("GET /metrics", port: port).status == 404)
    try await server.stop()
  }
}
