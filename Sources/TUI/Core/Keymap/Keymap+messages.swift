extension Keymap {
  /// A message is selected, or its picture is looked at.
  static let messages: [KeyBinding] = [
    message([KeyEvent(.up), KeyEvent(.character("k"))], .older, \.files.helpOlder),
    message([KeyEvent(.down), KeyEvent(.character("j"))], .newer, \.files.helpNewer),
    message([KeyEvent(.pageUp)], .pageOfOlder, \.files.helpPageOfOlder),
    message([KeyEvent(.pageDown)], .pageOfNewer, \.files.helpPageOfNewer),
    message([KeyEvent(.home), KeyEvent(.character("g"))], .oldest, \.files.helpOldest),
    message([KeyEvent(.end), KeyEvent(.character("G"))], .newest, \.files.helpNewest),
    message([KeyEvent(.enter)], .activate, \.files.helpActivate),
    message([KeyEvent(.character("v"))], .view, \.files.helpView),
    message([KeyEvent(.character("p"))], .play, \.files.helpPlay),
    message([KeyEvent(.character("s"))], .save, \.files.helpSave),
    message([KeyEvent(.character("o"))], .open, \.files.helpOpen),
    message([KeyEvent(.character("y"))], .copy, \.files.helpCopy),
    message([KeyEvent(.character("r"))], .retry, \.files.helpRetry),
    message([KeyEvent(.character("c")), KeyEvent(.delete)], .cancel, \.files.helpCancelTransfer),
    KeyBinding(.messages, [alt("r")], .retryFailed, \.helpRetryFailed),
    KeyBinding(.messages, [alt("x")], .discardFailed, \.helpDiscardFailed),
    message([KeyEvent(.escape), KeyEvent(.character("q"))], .leave, \.files.helpLeave),

    KeyBinding(.viewer, [KeyEvent(.character("s"))], .message(.save), \.files.helpSave),
    KeyBinding(.viewer, [KeyEvent(.character("o"))], .message(.open), \.files.helpOpen),
    KeyBinding(
      .viewer, [KeyEvent(.escape), KeyEvent(.enter), KeyEvent(.character("q"))], .close,
      \.helpClose),
  ]

  private static func message(
    _ keys: [KeyEvent], _ command: MessageCommand,
    _ help: any KeyPath<Strings, String> & Sendable
  ) -> KeyBinding {
    KeyBinding(.messages, keys, .message(command), help)
  }
}
