import MartletProtocol

// The list of devices on which one is signed in.
extension AppState {
  mutating func openSessions() -> [Effect] {
    var sessions = SessionsState()
    if !isOnline { sessions.problem = strings.connectionLost }
    overlay = .sessions(sessions)
    return isOnline ? [.loadSessions] : []
  }

  mutating func performOnSessions(_ command: Command) -> [Effect] {
    guard case .sessions(var sessions) = overlay else { return [] }
    var effects: [Effect] = []
    switch command {
    case .nextSession: move(&sessions, by: 1)
    case .previousSession: move(&sessions, by: -1)
    case .revokeSession:
      sessions.problem = nil
      sessions.revoking = nil
      guard let selected = sessions.selectedSession else { break }
      if selected.current {
        sessions.problem = strings.sessionIsThis
      } else {
        sessions.revoking = selected.id
      }
    case .confirmRevocation:
      guard let revoking = sessions.revoking else { break }
      sessions.revoking = nil
      sessions.problem = isOnline ? nil : strings.connectionLost
      if isOnline { effects = [.revokeSession(revoking)] }
    case .closeSessions:
      guard sessions.revoking != nil else { return closeOverlay() }
      sessions.revoking = nil
    default: break
    }
    overlay = .sessions(sessions)
    return effects
  }

  private func move(_ sessions: inout SessionsState, by step: Int) {
    let count = sessions.sessions?.count ?? 0
    sessions.selected = min(max(0, sessions.selected + step), max(0, count - 1))
    sessions.revoking = nil
    sessions.problem = nil
  }

  mutating func sessionsLoaded(_ reply: ListSessions.Reply) {
    guard case .sessions(var sessions) = overlay else { return }
    let selected = sessions.selectedSession?.id
    sessions.sessions = reply.sessions
    sessions.selected = reply.sessions.firstIndex { $0.id == selected } ?? 0
    overlay = .sessions(sessions)
  }

  mutating func sessionsFailed(_ failure: RequestFailure) -> [Effect] {
    guard case .sessions(var sessions) = overlay else { return [] }
    sessions.problem = strings.explain(failure)
    overlay = .sessions(sessions)
    // The list is not what it was.
    if case .refused(let error) = failure, error.code == .unknownSession { return [.loadSessions] }
    return []
  }

  mutating func sessionRevoked(_ session: SessionID) -> [Effect] {
    guard case .sessions(var sessions) = overlay,
      let index = sessions.sessions?.firstIndex(where: { $0.id == session }),
      let removed = sessions.sessions?.remove(at: index)
    else { return [] }
    move(&sessions, by: index < sessions.selected ? -1 : 0)
    overlay = .sessions(sessions)
    return show(strings.sessionRevoked(name(of: removed)))
  }

  /// What a device is called.
  func name(of session: SessionSummary) -> String {
    session.device.isEmpty ? strings.namelessDevice : session.device
  }
}
