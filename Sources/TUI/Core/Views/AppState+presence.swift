extension AppState {
  /// Whether a contact is known to be here. While the connection is away, nobody is: what was true
  /// when it went may no longer be.
  func isPresent(_ contact: ContactEntry) -> Bool { isOnline && contact.isOnline }

  /// The dot beside a name.
  func presenceSign(of contact: ContactEntry) -> (text: String, style: Style) {
    isPresent(contact)
      ? (symbols.online, Style(.positive)) : (symbols.offline, Style(.muted))
  }
}
