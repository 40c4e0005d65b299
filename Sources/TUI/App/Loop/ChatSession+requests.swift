import MartletClient
import MartletProtocol
import TUICore

// Requests of search, clearing, devices and finding people.
extension ChatSession {
  func loadRecentContacts(limit: Int) {
    client.perform(ListContacts(recent: true, limit: limit)) { [queue] result in
      // Without them the whole list, which is on its way too, is just a little later.
      if case .success(let reply) = result { queue.post(.recentContactsLoaded(reply)) }
    }
  }

  func watchPresence(of users: [UserID]) {
    client.perform(WatchPresence(users: users)) { [queue] result in
      switch result {
      case .success(let reply): queue.post(.presencesLoaded(reply))
      case .failure(let error): queue.post(.watchFailed(RequestFailure(error)))
      }
    }
  }

  func search(_ page: HitsPage, limit: Int) {
    let request = SearchMessages(
      target: page.target, query: page.query, after: page.after, limit: limit)
    client.perform(request) { [queue] result in
      switch result {
      case .success(let reply): queue.post(.hitsLoaded(page, reply))
      case .failure(let error): queue.post(.hitsFailed(page, RequestFailure(error)))
      }
    }
  }

  func searchEverywhere(_ query: String, after: String?, limit: Int) {
    client.perform(SearchEverywhere(query: query, after: after, limit: limit)) { [queue] result in
      switch result {
      case .success(let reply): queue.post(.groupsLoaded(query: query, after: after, reply))
      case .failure(let error):
        queue.post(.groupsFailed(query: query, after: after, RequestFailure(error)))
      }
    }
  }

  func clearHistory(of conversation: ConversationID) {
    client.perform(ClearHistory(conversation: conversation)) { [queue] result in
      switch result {
      case .success(let reply):
        queue.post(.historyCleared(conversation, through: reply.sequence))
      case .failure(let error): queue.post(.clearFailed(conversation, RequestFailure(error)))
      }
    }
  }

  func loadSessions() {
    client.perform(ListSessions()) { [queue] result in
      switch result {
      case .success(let reply): queue.post(.sessionsLoaded(reply))
      case .failure(let error): queue.post(.sessionsFailed(RequestFailure(error)))
      }
    }
  }

  func revoke(_ session: SessionID) {
    client.perform(RevokeSession(session: session)) { [queue] result in
      switch result {
      case .success: queue.post(.sessionRevoked(session))
      case .failure(let error): queue.post(.sessionsFailed(RequestFailure(error)))
      }
    }
  }

  func changePassword(from current: String, to new: String) {
    let request = ChangePassword(currentPassword: current, newPassword: new)
    client.perform(request) { [queue] result in
      switch result {
      case .success: queue.post(.passwordChanged)
      case .failure(let error): queue.post(.passwordChangeFailed(RequestFailure(error)))
      }
    }
  }
}
