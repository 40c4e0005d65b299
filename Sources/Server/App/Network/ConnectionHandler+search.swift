import MartletProtocol
import ServerCore

/// Searching: like history, one page at a time, and encoded off the loop.
extension ConnectionHandler {
  func search(_ id: RequestID?, _ request: SearchMessages, _ signedIn: SignedIn) {
    read { [self] in
      answerPage(id) { chat throws(RPCError) in
        try await chat.search(request, as: signedIn)
      }
    }
  }

  func search(_ id: RequestID?, _ request: SearchEverywhere, _ signedIn: SignedIn) {
    read { [self] in
      answerPage(id) { chat throws(RPCError) in
        try await chat.search(request, as: signedIn)
      }
    }
  }
}
