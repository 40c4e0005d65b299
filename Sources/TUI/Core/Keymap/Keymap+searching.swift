extension Keymap {
  /// The search line, and the hits.
  static let searching: [KeyBinding] = [
    KeyBinding(.query, [KeyEvent(.enter)], .runSearch, \.helpRunSearch),
    KeyBinding(.query, [KeyEvent(.left)], .edit(.left), \.helpLeft),
    KeyBinding(.query, [KeyEvent(.end)], .edit(.lineEnd), \.helpLineEnd),
    KeyBinding(.query, [KeyEvent(.down), control("n")], .olderHit, \.helpOlderHit),
    KeyBinding(.query, [KeyEvent(.up), control("p")], .newerHit, \.helpNewerHit),
    KeyBinding(.query, [KeyEvent(.escape), control("f")], .closeSearch, \.helpCloseSearch),
    KeyBinding(
      .hits, [KeyEvent(.character("n")), KeyEvent(.down), control("n")], .olderHit,
      \.helpOlderHit),
    KeyBinding(
      .hits, [KeyEvent(.character("N")), KeyEvent(.up), control("p")], .newerHit,
      \.helpNewerHit),
    KeyBinding(.hits, [KeyEvent(.enter)], .openHit, \.helpOpenHit),
    KeyBinding(.hits, [KeyEvent(.pageDown)], .pageOfOlderHits, \.helpPageOfOlderHits),
    KeyBinding(.hits, [KeyEvent(.pageUp)], .pageOfNewerHits, \.helpPageOfNewerHits),
    KeyBinding(
      .hits, [control("f"), KeyEvent(.character("/"))], .editQuery, \.helpEditQuery),
    KeyBinding(
      .hits, [KeyEvent(.escape), KeyEvent(.character("q"))], .closeSearch, \.helpCloseSearch),
  ]

  /// Dialogs with fields, and the list of devices.
  static let dialogs: [KeyBinding] = [
    KeyBinding(.dialog, [KeyEvent(.enter)], .submitDialog, \.helpSubmit),
    KeyBinding(.dialog, [KeyEvent(.tab), KeyEvent(.down)], .nextDialogField, \.helpNextField),
    KeyBinding(
      .dialog, [KeyEvent(.backTab), KeyEvent(.up)], .previousDialogField, \.helpPreviousField),
    KeyBinding(.dialog, [KeyEvent(.left)], .edit(.left), \.helpLeft),
    KeyBinding(.dialog, [KeyEvent(.end)], .edit(.lineEnd), \.helpLineEnd),
    KeyBinding(.dialog, [KeyEvent(.escape)], .close, \.helpCancel),
    KeyBinding(
      .sessions, [KeyEvent(.down), KeyEvent(.character("j"))], .nextSession, \.helpSelectNext),
    KeyBinding(
      .sessions, [KeyEvent(.up), KeyEvent(.character("k"))], .previousSession,
      \.helpSelectPrevious),
    KeyBinding(
      .sessions, [KeyEvent(.character("d")), KeyEvent(.delete)], .revokeSession,
      \.helpRevokeSession),
    KeyBinding(
      .sessions, [KeyEvent(.character("y"))], .confirmRevocation, \.helpConfirmRevocation),
    KeyBinding(
      .sessions, [KeyEvent(.escape), KeyEvent(.character("n")), KeyEvent(.character("q"))],
      .closeSessions, \.helpClose),
  ]
}
