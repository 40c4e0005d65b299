import Testing

@testable import TUICore

@Suite struct TextEditorTests {
  @Test func backspaceDeletesAWholeFamily() {
    var editor = TextEditor("hi 👨‍👩‍👧")
    editor.perform(.backspace)
    #expect(editor.text == "hi ")
  }

  @Test func anAccentTypedAfterALetterJoinsIt() {
    var editor = TextEditor("cafe")
    editor.insert("\u{301}")
    #expect(editor.characters.count == 4)
    #expect(editor.caret == 4)
    editor.perform(.backspace)
    #expect(editor.text == "caf")
  }

  @Test func neighboursThatGrowTogetherKeepTheCaretInPlace() {
    // Two halves of a flag, brought together by deleting what stood between them.
    var editor = TextEditor("\u{1F1E8}x\u{1F1F3}y")
    editor.moveCaret(to: 2)
    editor.perform(.backspace)
    #expect(editor.characters == ["🇨🇳", "y"])
    #expect(editor.caret == 1)
  }

  @Test func killsOneAfterTheOtherAreYankedTogether() {
    var editor = TextEditor("one two three")
    editor.perform(.killWordLeft)
    editor.perform(.killWordLeft)
    #expect(editor.text == "one ")
    editor.perform(.yank)
    #expect(editor.text == "one two three")
  }

  @Test func aWordOfChineseEndsAtItsPunctuation() {
    var editor = TextEditor("早上好，李雷")
    editor.perform(.killWordLeft)
    #expect(editor.text == "早上好，")
    editor.perform(.wordLeft)
    editor.perform(.wordLeft)
    #expect(editor.caret == 0)
  }

  @Test func linesAreWhatHomeEndAndKillsGoBy() {
    var editor = TextEditor("first\nsecond")
    editor.perform(.lineStart)
    #expect(editor.caret == 6)
    editor.perform(.killToLineEnd)
    #expect(editor.text == "first\n")
    editor.perform(.left)
    editor.perform(.killToLineStart)
    #expect(editor.text == "\n")
    editor.perform(.killToLineEnd)
    #expect(editor.text == "")
  }

  @Test func aPasteKeepsItsLinesButNoControlCharacters() {
    var editor = TextEditor()
    editor.insert("a\r\nb\rc\u{1B}[31m\td\u{9B}")
    #expect(editor.text == "a\nb\nc[31m\td")
    var line = TextEditor(allowsNewlines: false)
    line.insert("a\nb")
    line.perform(.newline)
    #expect(line.text == "a b")
  }

  @Test func anInsertionThatDoesNotFitChangesNothing() {
    var editor = TextEditor("kept")
    let huge = String(repeating: "x", count: TextEditor.maximumBytes)
    #expect(!editor.hasRoom(for: huge))
    editor.insert(huge)
    #expect(editor.text == "kept")
  }

  @Test func historyGoesBackAndReturnsToWhatWasUnfinished() {
    var history = InputHistory()
    history.add("one")
    history.add("two")
    #expect(history.previous(current: "unfinished") == "two")
    #expect(history.previous(current: "two") == "one")
    #expect(history.previous(current: "one") == nil)
    #expect(history.next() == "two")
    #expect(history.next() == "unfinished")
    #expect(history.next() == nil)
  }
}
