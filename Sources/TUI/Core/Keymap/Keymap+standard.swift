extension Keymap {
  /// The keys that Martlet comes with.
  static let standard = Keymap(
    form + input + contacts + chat + searching + dialogs + messages + editing + overlays
      + application)

  private static let application: [KeyBinding] = [
    KeyBinding(.application, [KeyEvent(.function(1))], .help, \.helpHelp),
    KeyBinding(.application, [control("c")], .interrupt, \.helpInterrupt),
    KeyBinding(.application, [control("l")], .redraw, \.helpRedraw),
    KeyBinding(.application, [control("z")], .suspend, \.helpSuspend),
    KeyBinding(.application, [control("q")], .quit, \.helpQuit),
  ]

  private static let form: [KeyBinding] = [
    KeyBinding(.form, [KeyEvent(.enter)], .submit, \.helpSubmit),
    KeyBinding(.form, [KeyEvent(.tab), KeyEvent(.down)], .nextField, \.helpNextField),
    KeyBinding(.form, [KeyEvent(.backTab), KeyEvent(.up)], .previousField, \.helpPreviousField),
    KeyBinding(
      .form, [KeyEvent(.function(2)), control("r")], .toggleRegistration,
      \.helpToggleRegistration),
    KeyBinding(.form, [KeyEvent(.left)], .edit(.left), \.helpLeft),
    KeyBinding(.form, [KeyEvent(.end)], .edit(.lineEnd), \.helpLineEnd),
  ]

  private static let input: [KeyBinding] = [
    KeyBinding(.input, [KeyEvent(.enter)], .send, \.helpSend),
    KeyBinding(
      .input, [KeyEvent(.enter, .alt), control("j")], .edit(.newline), \.helpNewline),
    KeyBinding(.input, [KeyEvent(.tab)], .complete, \.helpComplete),
    KeyBinding(.input, [KeyEvent(.up)], .lineUp, \.helpLineUp),
    KeyBinding(.input, [KeyEvent(.down)], .lineDown, \.helpLineDown),
    KeyBinding(.input, [KeyEvent(.left)], .leftOrContacts, \.helpLeftOrContacts),
    KeyBinding(.input, [KeyEvent(.end)], .lineEndOrBottom, \.helpLineEndOrBottom),
    KeyBinding(.input, [KeyEvent(.pageUp)], .pageUp, \.helpPageUp),
    KeyBinding(.input, [KeyEvent(.pageDown)], .pageDown, \.helpPageDown),
    KeyBinding(.input, [KeyEvent(.escape)], .back, \.helpBack),
  ]

  private static let contacts: [KeyBinding] = [
    KeyBinding(
      .contacts, [KeyEvent(.enter), KeyEvent(.right)], .openSelected, \.helpOpenSelected),
    KeyBinding(.contacts, [KeyEvent(.down)], .selectNext, \.helpSelectNext),
    KeyBinding(.contacts, [KeyEvent(.up)], .selectPrevious, \.helpSelectPrevious),
    KeyBinding(.contacts, [KeyEvent(.pageDown)], .selectPageDown, \.helpSelectPageDown),
    KeyBinding(.contacts, [KeyEvent(.pageUp)], .selectPageUp, \.helpSelectPageUp),
    KeyBinding(.contacts, [KeyEvent(.home)], .selectFirst, \.helpSelectFirst),
    KeyBinding(.contacts, [KeyEvent(.end)], .selectLast, \.helpSelectLast),
    KeyBinding(.contacts, [KeyEvent(.backspace)], .shortenFilter, \.helpShortenFilter),
    KeyBinding(.contacts, [KeyEvent(.escape), KeyEvent(.tab)], .backToInput, \.helpBackToInput),
  ]

  private static let chat: [KeyBinding] =
    [
      KeyBinding(
        .chat, [control("n"), KeyEvent(.down, .alt)], .nextConversation, \.helpNextConversation),
      KeyBinding(
        .chat, [control("p"), KeyEvent(.up, .alt)], .previousConversation,
        \.helpPreviousConversation),
      KeyBinding(.chat, [alt("a")], .nextUnread, \.helpNextUnread),
      KeyBinding(.chat, [alt("u")], .firstUnread, \.helpFirstUnread),
      KeyBinding(.chat, [alt("/")], .lastConversation, \.helpLastConversation),
      KeyBinding(.chat, [control("g"), alt("k")], .switcher, \.helpSwitcher),
      KeyBinding(.chat, [control("f")], .search, \.helpSearch),
      KeyBinding(.chat, [KeyEvent(.function(2))], .toggleContacts, \.helpToggleContacts),
      KeyBinding(.chat, [alt("r")], .retryFailed, \.helpRetryFailed),
      KeyBinding(.chat, [alt("x")], .discardFailed, \.helpDiscardFailed),
    ]
    + "123456789".enumerated().map { index, digit in
      KeyBinding(.chat, [alt(digit)], .conversation(index + 1), \.helpConversation)
    }

  private static let editing: [KeyBinding] = [
    KeyBinding(.editing, [KeyEvent(.home), control("a")], .edit(.lineStart), \.helpLineStart),
    KeyBinding(.editing, [control("e")], .edit(.lineEnd), \.helpLineEnd),
    KeyBinding(.editing, [control("b")], .edit(.left), \.helpLeft),
    KeyBinding(.editing, [KeyEvent(.right)], .edit(.right), \.helpRight),
    KeyBinding(
      .editing, [alt("b"), KeyEvent(.left, .control)], .edit(.wordLeft), \.helpWordLeft),
    KeyBinding(
      .editing, [alt("f"), KeyEvent(.right, .control)], .edit(.wordRight), \.helpWordRight),
    KeyBinding(.editing, [KeyEvent(.backspace)], .edit(.backspace), \.helpBackspace),
    KeyBinding(.editing, [KeyEvent(.delete)], .edit(.deleteForward), \.helpDelete),
    KeyBinding(
      .editing, [control("w"), KeyEvent(.backspace, .alt)], .edit(.killWordLeft),
      \.helpKillWordLeft),
    KeyBinding(.editing, [alt("d")], .edit(.killWordRight), \.helpKillWordRight),
    KeyBinding(.editing, [control("u")], .edit(.killToLineStart), \.helpKillToLineStart),
    KeyBinding(.editing, [control("k")], .edit(.killToLineEnd), \.helpKillToLineEnd),
    KeyBinding(.editing, [control("y")], .edit(.yank), \.helpYank),
  ]

  private static let overlays: [KeyBinding] = [
    KeyBinding(
      .help, [KeyEvent(.escape), KeyEvent(.enter), KeyEvent(.character("q"))], .close,
      \.helpClose),
    KeyBinding(
      .help, [KeyEvent(.down), KeyEvent(.character("j"))], .scrollHelpDown, \.helpScrollDown),
    KeyBinding(.help, [KeyEvent(.up), KeyEvent(.character("k"))], .scrollHelpUp, \.helpScrollUp),
    KeyBinding(
      .help, [KeyEvent(.pageDown), KeyEvent(.character(" "))], .pageHelpDown, \.helpPageDown),
    KeyBinding(.help, [KeyEvent(.pageUp)], .pageHelpUp, \.helpPageUp),
    KeyBinding(.help, [KeyEvent(.home)], .helpStart, \.helpHelpStart),
    KeyBinding(.help, [KeyEvent(.end)], .helpEnd, \.helpHelpEnd),
    KeyBinding(.switcher, [KeyEvent(.enter)], .switchToSelected, \.helpOpenSelected),
    KeyBinding(
      .switcher, [KeyEvent(.down), control("n"), KeyEvent(.tab)], .switcherNext,
      \.helpSelectNext),
    KeyBinding(
      .switcher, [KeyEvent(.up), control("p"), KeyEvent(.backTab)], .switcherPrevious,
      \.helpSelectPrevious),
    KeyBinding(.switcher, [KeyEvent(.escape), control("g")], .close, \.helpClose),
    KeyBinding(
      .confirmation, [KeyEvent(.character("y")), KeyEvent(.enter)], .confirm, \.helpConfirm),
    KeyBinding(
      .confirmation, [KeyEvent(.character("n")), KeyEvent(.escape)], .close, \.helpClose),
  ]

  static func control(_ character: Character) -> KeyEvent {
    KeyEvent(.character(character), .control)
  }

  static func alt(_ character: Character) -> KeyEvent {
    KeyEvent(.character(character), .alt)
  }
}
