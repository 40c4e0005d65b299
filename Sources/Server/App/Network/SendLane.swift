import CoreMetrics
import MartletProtocol
import NIOCore
import ServerCore

/// Keeps the messages of one connection in order: where one needs the database to find its
/// conversation, those behind it wait. It holds no more than ``Limits/pendingRequests``.
struct SendLane {
  struct Entry: Sendable {
    let id: RequestID?
    let request: SendMessage
    let signedIn: SignedIn
    let arrived = ContinuousClock.now
  }

  /// The entry whose conversation is being looked up is not among them.
  var waiting: [Entry] = []
  var isAddressing = false
}

extension ConnectionHandler {
  /// Sends a message, now or after those before it.
  func send(_ entry: SendLane.Entry) {
    guard !sends.isAddressing else {
      sends.waiting.append(entry)
      return
    }
    do {
      if let addressed = try chat.addressFromMemory(entry.request, as: entry.signedIn) {
        submit(addressed, entry)
      } else {
        address(entry)
      }
    } catch {
      refuse(entry, error)
    }
  }

  private func address(_ entry: SendLane.Entry) {
    sends.isAddressing = true
    perform { chat in
      await attempt { () async throws(RPCError) in
        try await chat.address(entry.request, as: entry.signedIn)
      }
    } then: { handler, result in
      switch result {
      case .success(let addressed): handler.submit(addressed, entry)
      case .failure(let error): handler.refuse(entry, error)
      }
      handler.sends.isAddressing = false
      handler.sendWaiting()
    }
  }

  private func sendWaiting() {
    let waiting = sends.waiting
    sends.waiting = []
    // Should one of them need the database again, those behind it queue up anew.
    for entry in waiting { send(entry) }
  }

  private func submit(_ addressed: Chat.AddressedMessage, _ entry: SendLane.Entry) {
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    let mailbox = mailbox
    chat.send(addressed, from: mailbox) { result in
      let answered: @Sendable () -> Void = {
        handler.value.machine.answered()
        handler.value.proceed()
      }
      if case .success = result { Measures.acknowledgement.record(since: entry.arrived) }
      // Queued here and now: pushes of later messages may follow from this thread.
      if let id = entry.id {
        mailbox.send(result.frame(answering: id), then: answered)
      } else {
        handler.eventLoop.execute(answered)
      }
    }
  }

  private func refuse(_ entry: SendLane.Entry, _ error: RPCError) {
    machine.answered()
    mailbox.answer(entry.id, Result<SendMessage.Reply, RPCError>.failure(error))
  }
}
