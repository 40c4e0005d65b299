import MartletProtocol

extension AppState {
  mutating func performOnOverlay(_ command: Command, _ environment: Environment) -> [Effect] {
    switch command {
    case .help:
      // The same key closes it again.
      if help != nil { closeOverlay() } else { help = HelpState(context: keyContext) }
    case .close: return closeOverlay()
    case .confirm:
      if case .sendFile(let question) = overlay { return confirmSending(question, environment) }
      return leave() + [.quit]
    case .scrollHelpDown: scrollHelp(by: 1)
    case .scrollHelpUp: scrollHelp(by: -1)
    case .pageHelpDown: scrollHelp(by: max(1, size.rows - 4))
    case .pageHelpUp: scrollHelp(by: -max(1, size.rows - 4))
    case .helpStart, .helpEnd:
      guard let help else { return [] }
      let end = HelpView.maximumScroll(self, help)
      scrollHelp(by: command == .helpEnd ? end : -end)
    case .switcher:
      overlay = .switcher(SwitcherState())
      return changePattern { _ in }
    case .switcherNext: moveInSwitcher(by: 1)
    case .switcherPrevious: moveInSwitcher(by: -1)
    case .switchToSelected:
      guard case .switcher(let switcher) = overlay else { return [] }
      overlay = nil
      guard switcher.matches.indices.contains(switcher.selected) else { return [] }
      return open(.user(switcher.matches[switcher.selected]))
    default: break
    }
    return []
  }

  /// Closes what is on top.
  @discardableResult
  mutating func closeOverlay() -> [Effect] {
    switch overlay {
    case _ where help != nil:
      help = nil
      return []
    case .clearing(let clearing):
      overlay = nil
      // Asked for already, it can only be waited for.
      return clearing.isUnderWay ? [] : show(strings.historyKept)
    case .trust: return distrust()
    case .quit, .switcher, .password, .sessions, .everywhere, .viewer, .sendFile, nil:
      overlay = nil
      return []
    }
  }

  mutating func scrollHelp(by rows: Int) {
    guard var help else { return }
    help.scroll = min(max(0, help.scroll + rows), HelpView.maximumScroll(self, help))
    self.help = help
  }

  /// Changes the switcher's pattern and finds its best matches anew.
  mutating func changePattern(_ change: (inout TextEditor) -> Void) -> [Effect] {
    guard case .switcher(var switcher) = overlay else { return [] }
    change(&switcher.pattern)
    switcher.matches = chat.contacts.bestMatches(
      for: switcher.pattern.text, limit: SwitcherState.maximumMatches)
    switcher.selected = 0
    overlay = .switcher(switcher)
    return []
  }

  private mutating func moveInSwitcher(by step: Int) {
    guard case .switcher(var switcher) = overlay, !switcher.matches.isEmpty else { return }
    let count = switcher.matches.count
    switcher.selected = (switcher.selected + step + count) % count
    overlay = .switcher(switcher)
  }
}
