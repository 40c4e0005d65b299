import TUICore
import Testing

@testable import TUIApp

struct InputDecoderTests {
  @Test(arguments: [
    ("a", KeyEvent(.character("a"))), ("李", KeyEvent(.character("李"))),
    ("👨‍👩‍👧", KeyEvent(.character("👨‍👩‍👧"))), ("é", KeyEvent(.character("é"))),
    ("\u{01}", KeyEvent(.character("a"), .control)), ("\r", KeyEvent(.enter)),
    ("\n", KeyEvent(.character("j"), .control)), ("\t", KeyEvent(.tab)),
    ("\u{7F}", KeyEvent(.backspace)), ("\u{08}", KeyEvent(.backspace)),
    ("\u{00}", KeyEvent(.character(" "), .control)),
    ("\u{1F}", KeyEvent(.character("/"), .control)),
    ("\u{1C}", KeyEvent(.character("\\"), .control)),
    ("\u{1B}x", KeyEvent(.character("x"), .alt)), ("\u{1B}李", KeyEvent(.character("李"), .alt)),
    ("\u{1B}\r", KeyEvent(.enter, .alt)), ("\u{1B}\u{7F}", KeyEvent(.backspace, .alt)),
    ("\u{1B}[A", KeyEvent(.up)), ("\u{1B}OA", KeyEvent(.up)),
    ("\u{1B}[1;3A", KeyEvent(.up, .alt)), ("\u{1B}[1;5C", KeyEvent(.right, .control)),
    ("\u{1B}[1;2D", KeyEvent(.left, .shift)), ("\u{1B}[1;9B", KeyEvent(.down, .alt)),
    ("\u{1B}\u{1B}[B", KeyEvent(.down, .alt)), ("\u{1B}[a", KeyEvent(.up, .shift)),
    ("\u{1B}[H", KeyEvent(.home)), ("\u{1B}[4~", KeyEvent(.end)),
    ("\u{1B}[3~", KeyEvent(.delete)), ("\u{1B}[3;5~", KeyEvent(.delete, .control)),
    ("\u{1B}[5~", KeyEvent(.pageUp)), ("\u{1B}[6^", KeyEvent(.pageDown, .control)),
    ("\u{1B}[Z", KeyEvent(.backTab)), ("\u{1B}OP", KeyEvent(.function(1))),
    ("\u{1B}[[B", KeyEvent(.function(2))), ("\u{1B}[15~", KeyEvent(.function(5))),
    ("\u{1B}[24~", KeyEvent(.function(12))), ("\u{1B}[97;5u", KeyEvent(.character("a"), .control)),
    ("\u{1B}[27;3;13~", KeyEvent(.enter, .alt)),
  ])
  func oneKeyIsReadFromWhatTheTerminalSends(text: String, key: KeyEvent) {
    var decoder = InputDecoder()
    #expect(decoder.decode(text.utf8) == [.key(key)])
    #expect(!decoder.isWaiting)
  }

  @Test(arguments: [
    "\u{1B}[1;3A", "李", "\u{1B}李", "\u{1B}[<64;10;5M", "\u{1B}[200~two\nlines\u{1B}[201~",
  ])
  func whatComesInPiecesIsReadAsIfItCameWhole(text: String) {
    var whole = InputDecoder()
    var pieces = InputDecoder()
    let events = text.utf8.flatMap { pieces.decode([$0]) }
    #expect(events == whole.decode(text.utf8))
    #expect(events.count == 1)
  }

  @Test func loneEscapeIsAKeyOnlyOnceNothingFollows() {
    var decoder = InputDecoder()
    #expect(decoder.decode([0x1B]) == [])
    #expect(decoder.isWaiting)
    #expect(decoder.timeOut() == [.key(KeyEvent(.escape))])
    #expect(!decoder.isWaiting)
  }

  @Test(arguments: [("[", "["), ("O", "O")])
  func introducerThatNothingFollowsIsAltWithThatCharacter(text: String, character: Character) {
    var decoder = InputDecoder()
    #expect(decoder.decode("\u{1B}\(text)".utf8) == [])
    #expect(decoder.timeOut() == [.key(KeyEvent(.character(character), .alt))])
  }

  @Test func textRunsAreSplitIntoCharactersAndKeysStayInOrder() {
    var decoder = InputDecoder()
    let events = decoder.decode("你a\r\u{1B}[Bb".utf8)
    #expect(
      events == [
        .key(KeyEvent(.character("你"))), .key(KeyEvent(.character("a"))), .key(KeyEvent(.enter)),
        .key(KeyEvent(.down)), .key(KeyEvent(.character("b"))),
      ])
  }

  @Test func pasteIsOneEventWithEscapesAndAllAndKeysGoOnBehindIt() {
    var decoder = InputDecoder()
    let events = decoder.decode("\u{1B}[200~a\u{1B}[31m\n李\u{1B}[201~x".utf8)
    #expect(events == [.paste("a\u{1B}[31m\n李"), .key(KeyEvent(.character("x")))])
  }

  @Test func endOfPasteSplitAnywhereIsFound() {
    let text = Array("\u{1B}[200~\u{1B}\u{1B}[20\u{1B}[201~".utf8)
    for cut in 0...text.count {
      var decoder = InputDecoder()
      let events = decoder.decode(text[..<cut]) + decoder.decode(text[cut...])
      #expect(events == [.paste("\u{1B}\u{1B}[20")])
    }
  }

  @Test func pasteWithoutEndIsBounded() {
    var decoder = InputDecoder()
    _ = decoder.decode("\u{1B}[200~".utf8)
    let block = [UInt8](repeating: 0x61, count: 65_536)
    for _ in 0..<20 { #expect(decoder.decode(block) == []) }
    let events = decoder.decode("\u{1B}[201~".utf8)
    guard case .paste(let text)? = events.first else {
      Issue.record("no paste")
      return
    }
    #expect(text.utf8.count == InputDecoder.maximumPaste)
  }

  @Test func mouseAndFocusAreReported() {
    var decoder = InputDecoder()
    #expect(
      decoder.decode("\u{1B}[<0;1;2M\u{1B}[<0;1;2m\u{1B}[<64;300;5M\u{1B}[<65;3;5M".utf8) == [
        .mouse(row: 1, column: 0, kind: .press), .mouse(row: 1, column: 0, kind: .release),
        .mouse(row: 4, column: 299, kind: .wheelUp), .mouse(row: 4, column: 2, kind: .wheelDown),
      ])
    #expect(decoder.decode("\u{1B}[I\u{1B}[O".utf8) == [.focus(true), .focus(false)])
  }

  @Test(arguments: [
    "\u{1B}[?1;2c", "\u{1B}[999~", "\u{1B}[<0;0;0M", "\u{1B}[<2;1;1M",
    "\u{1B}[<9223372036854775808;1;1M", "\u{1B}[1;-9223372036854775808X",
    "\u{1B}[57344u", "\u{1B}[M   ", "\u{1B}Oz", "\u{1B}[201~", "\u{1B}[1114112u",
  ])
  func sequencesOfNoInterestLeaveNothingBehind(text: String) {
    var decoder = InputDecoder()
    #expect(decoder.decode("\(text)z".utf8) == [.key(KeyEvent(.character("z")))])
  }

  @Test func bytesThatAreNotTextAreDropped() {
    var decoder = InputDecoder()
    #expect(
      decoder.decode([0xFF, 0x61, 0xC2, 0x9B, 0x62]) == [
        .key(KeyEvent(.character("a"))), .key(KeyEvent(.character("b"))),
      ])
  }

  @Test func endlessSequenceIsNoise() {
    var decoder = InputDecoder()
    _ = decoder.decode("\u{1B}[".utf8 + [UInt8](repeating: 0x31, count: 1000))
    #expect(!decoder.isWaiting)
    #expect(decoder.decode("a".utf8) == [.key(KeyEvent(.character("a")))])
  }

  @Test func terminfoHasTheLastWord() {
    var decoder = InputDecoder(table: [Array("\u{1B}[A".utf8): KeyEvent(.home)])
    #expect(decoder.decode("\u{1B}[A".utf8) == [.key(KeyEvent(.home))])
  }
}
