// Servers that are not known to be the one that was meant.
extension AppState {
  mutating func refuseServer(_ doubt: ServerDoubt) {
    closeTrust()
    help = nil
    overlay = .trust(TrustState(doubt: doubt))
  }

  mutating func showMismatch() -> [Effect] {
    switch configuration.transport {
    case .encrypted: show(strings.trust.speaksNoTLS, isProblem: true)
    case .local, .plain: show(strings.trust.speaksOnlyTLS, isProblem: true)
    }
  }

  /// Takes the question off the screen: there is another answer.
  mutating func closeTrust() {
    if case .trust = overlay { overlay = nil }
  }

  /// Enter: only a whole yes, or the fingerprint itself, trusts the server. Where nothing is asked it
  /// tries again, as the server may be the right one by now.
  mutating func answerTrust(_ trust: TrustState) -> [Effect] {
    guard let fingerprint = trust.fingerprint else {
      closeTrust()
      return [.reconnect]
    }
    let typed = trust.answer.text.filter { !$0.isWhitespace }
    let answer = typed.searchFolded
    guard !strings.trust.noes.contains(answer) else { return closeOverlay() }
    guard strings.trust.yeses.contains(answer) || typed == fingerprint else {
      overlay = .trust(TrustState(doubt: trust.doubt, isUnclear: true))
      return []
    }
    closeTrust()
    return [.trustServer(fingerprint: fingerprint)]
  }

  /// What is left when the question is closed without a yes.
  mutating func distrust() -> [Effect] {
    closeTrust()
    signIn.progress = .editing
    return show(strings.trust.nothingSent)
  }
}
