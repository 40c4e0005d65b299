import FoundationEssentials
import MartletProtocol
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import MartletClient

/// The connection's clockwork on a clock that the test turns.
struct ConnectionStateTests {
  private var state: ConnectionState = ConnectionState(
    options: ConnectionOptions(replyTimeout: .seconds(20), maximumQueuedRequests: 2),
    now: Self.at(0))
  private let answers = Answers()

  @Test mutating func replyTimeoutFailsTheRequestAndNotTheConnection() {
    request(1, at: 0)
    request(2, at: 5)
    #expect(state.nextDeadline == at(20))
    perform(state.tick(now: at(19)))
    #expect(answers.all == [])
    perform(state.tick(now: at(20)))
    #expect(answers.all == ["1 timedOut"])
    #expect(state.nextDeadline == at(25))
    perform(state.received(text: reply(to: 1), now: at(21)))
    perform(state.received(text: reply(to: 2), now: at(21)))
    #expect(answers.all == ["1 timedOut", "2 replied"])
    #expect(state.nextDeadline == nil)
  }

  @Test mutating func silenceEndsTheConnectionAndAnythingHeardPutsItOff() {
    state.greeted(limits: Limits(pingMilliseconds: 25_000, pongMilliseconds: 10_000))
    #expect(state.nextDeadline == at(35))
    #expect(perform(state.received(ping: ByteBuffer(), now: at(25))) == ["pong"])
    #expect(perform(state.tick(now: at(35))) == [])
    #expect(state.nextDeadline == at(60))
    request(1, at: 50)
    #expect(perform(state.tick(now: at(60))) == ["disconnect"])
    #expect(answers.all == ["1 disconnected(silent)"])
    #expect(perform(state.socketClosed(because: "reset", now: at(61))) == ["ended silent"])
  }

  @Test mutating func probeWantsASignOfLifeWithinSeconds() {
    #expect(perform(state.probe(now: at(0))) == ["ping"])
    #expect(perform(state.probe(now: at(1))) == [])
    state.receivedPong(now: at(2))
    #expect(state.nextDeadline == nil)
    #expect(perform(state.probe(now: at(3))) == ["ping"])
    #expect(perform(state.tick(now: at(8))) == ["disconnect"])
  }

  @Test mutating func requestsPastTheServersLimitWaitTheirTurnInOrder() {
    state.greeted(limits: Limits(pendingRequests: 1))
    #expect(request(1, at: 0) == ["text 1"])
    #expect(request(2, at: 0) == [])
    #expect(perform(state.notify(Data("typing".utf8))) == [])
    request(3, at: 0)
    #expect(answers.all == ["3 tooMuch"])
    #expect(perform(state.received(text: reply(to: 1), now: at(1))) == ["text 2", "text typing"])
  }

  @Test(arguments: [0, Int.min])
  mutating func serverThatAllowsNoRequestsIsAskedOneAtATime(places: Int) {
    state.greeted(limits: Limits(pendingRequests: places))
    #expect(request(1, at: 0) == ["text 1"])
    #expect(request(2, at: 0) == [])
  }

  @Test mutating func requestGivenUpStillCountsUntilTheServerHasAnsweredIt() {
    state.greeted(limits: Limits(pendingRequests: 1))
    request(1, at: 0)
    request(2, at: 0)
    #expect(perform(state.cancel(id: 1)) == [])
    #expect(perform(state.received(text: reply(to: 1), now: at(1))) == ["text 2"])
    #expect(answers.all == ["1 cancelled"])
  }

  @Test mutating func requestLargerThanAFrameIsNotSent() {
    state.greeted(limits: Limits(frameBytes: 8))
    let outputs = state.request(
      Data(repeating: 0x20, count: 9), id: 1, now: at(0), answer: answers.answer(1))
    #expect(perform(outputs) == [])
    #expect(answers.all == ["1 tooMuch"])
  }

  @Test mutating func closingWaitsForTheServerButNotForEver() {
    request(1, at: 0)
    #expect(perform(state.close(now: at(0))) == ["close 1000"])
    #expect(answers.all == ["1 disconnected(closedHere)"])
    #expect(state.nextDeadline == at(2))
    #expect(perform(state.received(text: Data("garbage".utf8), now: at(1))) == [])
    #expect(perform(state.tick(now: at(2))) == ["disconnect"])
    #expect(perform(state.socketClosed(because: "", now: at(2))) == ["ended closedHere"])
    request(2, at: 3)
    #expect(answers.all.last == "2 disconnected(closedHere)")
  }

  @Test mutating func limitsThatMakeNoSenseDoNoHarm() {
    state.greeted(
      limits: Limits(
        frameBytes: -1, pendingRequests: -1, pingMilliseconds: .max, pongMilliseconds: .max))
    #expect(state.nextDeadline != nil)
    request(1, at: 0)
    #expect(answers.all == ["1 tooMuch"])
  }

  /// Or the client would be at connecting again all the time.
  @Test mutating func nobodyIsTakenForGoneWithinASecond() {
    state.greeted(limits: Limits(pingMilliseconds: 1, pongMilliseconds: 1))
    #expect(state.nextDeadline == at(1))
  }

  // MARK: Parts

  private static func at(_ seconds: Int64) -> NIODeadline {
    .uptimeNanoseconds(1) + .seconds(seconds)
  }

  private func at(_ seconds: Int64) -> NIODeadline { Self.at(seconds) }

  private func reply(to id: Int64) -> Data { WireCodec.encodeReply(Done(), to: .number(id)) }

  @discardableResult
  private mutating func request(_ id: Int64, at seconds: Int64) -> [String] {
    perform(
      state.request(
        Data("\(id)".utf8), id: id, now: at(seconds), answer: answers.answer(id)))
  }

  /// Runs the answers among the outputs and names the others.
  @discardableResult
  private func perform(_ outputs: [ConnectionState.Output]) -> [String] {
    outputs.compactMap { output in
      switch output {
      case .text(let data): return "text \(String(decoding: data, as: UTF8.self))"
      case .ping: return "ping"
      case .pong: return "pong"
      case .closeFrame(let code): return "close \(code)"
      case .push: return "push"
      case .disconnect: return "disconnect"
      case .ended(let reason): return "ended \(reason.label)"
      case .answer(let answer, let outcome):
        _ = answer(outcome)
        return nil
      }
    }
  }

  private final class Answers: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }

    func answer(_ id: Int64) -> ConnectionState.Answer {
      { [self] outcome in
        let words =
          switch outcome {
          case .success: "replied"
          case .failure(.disconnected(let reason)): "disconnected(\(reason.label))"
          case .failure(.timedOut): "timedOut"
          case .failure(.tooMuch): "tooMuch"
          case .failure(.cancelled): "cancelled"
          case .failure(let error): "\(error)"
          }
        list.withLock { $0.append("\(id) \(words)") }
        return nil
      }
    }
  }
}

extension CloseReason {
  fileprivate var label: String {
    switch self {
    case .silent: "silent"
    case .closedHere: "closedHere"
    case .closedByServer, .lost, .badFrame, .fellBehind: "\(self)"
    }
  }
}
