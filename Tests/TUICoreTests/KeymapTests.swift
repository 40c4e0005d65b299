import Testing

@testable import TUICore

@Suite struct KeymapTests {
  let keymap = Keymap.standard

  @Test func noKeyMeansTwoThingsAtOnce() {
    for context in KeyContext.allCases {
      var seen: [KeyEvent: Command] = [:]
      for binding in keymap.bindings(in: context) {
        for key in binding.keys {
          let earlier = seen.updateValue(binding.command, forKey: key)
          #expect(earlier == nil, "\(key.name) in \(context): \(binding.command)")
        }
      }
    }
  }

  @Test(arguments: Language.allCases) func everyBindingIsExplained(language: Language) {
    let strings = Strings.inLanguage(language)
    for binding in keymap.bindings {
      #expect(!strings[keyPath: binding.help].isEmpty, "\(binding.command)")
      #expect(!binding.keys.isEmpty, "\(binding.command)")
    }
    for command in SlashCommand.allCases {
      #expect(!command.summary(strings).isEmpty, "\(command)")
    }
  }

  @Test func everyModeIsInForceSomewhere() {
    let inForce = Set(KeyContext.allCases.flatMap(\.modes))
    #expect(inForce == Set(KeyMode.allCases))
    #expect(Set(keymap.bindings.map(\.mode)) == Set(KeyMode.allCases))
  }

  @Test func noPrintableKeyIsTakenFromWriting() {
    for context in [KeyContext.form, .input, .contacts, .switcher] {
      for binding in keymap.bindings(in: context) {
        for key in binding.keys {
          guard case .character = key.key else { continue }
          #expect(!key.modifiers.isSubset(of: .shift), "\(key.name) in \(context)")
        }
      }
    }
  }

  @Test func helpShowsEveryKeyOfItsMode() {
    var client = ScreenTests.conversation(78, 200)
    client.press(.function(1))
    let text = client.text.joined(separator: "\n")
    for binding in keymap.bindings(in: .input) {
      if case .conversation = binding.command { continue }
      for key in binding.keys { #expect(text.contains(key.name), "\(key.name)") }
    }
    #expect(text.contains("Alt-1..9"))
    for command in SlashCommand.allCases { #expect(text.contains("/\(command.name)")) }
  }
}
