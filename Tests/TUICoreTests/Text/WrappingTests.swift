import Testing

@testable import TUICore

@Suite struct WrappingTests {
  let metrics = TextMetrics()

  @Test func chineseBreaksBetweenCharacters() {
    #expect(rows("今天的会议改到下午", 8) == ["今天的会", "议改到下", "午"])
  }

  @Test(arguments: Array("，。！？；：、）」』】》…”’")) func noLineStartsWith(_ mark: Character) {
    let rows = rows("今天的会\(mark)议", 8)
    #expect(rows.count > 1)
    #expect(rows.allSatisfy { $0.first != mark })
  }

  @Test(arguments: Array("（「『【《“‘")) func noLineEndsWith(_ mark: Character) {
    let rows = rows("今天的\(mark)会议改", metrics.width(of: "今天的\(mark)"))
    #expect(rows.count > 1)
    #expect(rows.allSatisfy { $0.last != mark })
  }

  @Test func doubledDashesAndDotsStayTogether() {
    #expect(rows("今天的——会议", 7) == ["今天的", "——会议"])
    #expect(rows("今天的……会议", 8) == ["今天的……", "会议"])
  }

  @Test func latinWordsStayWholeWhereTheyFit() {
    #expect(rows("the quick brown fox", 10) == ["the quick ", "brown fox"])
    #expect(rows("会议at three下午", 10) == ["会议at ", "three下午"])
    #expect(rows("don’t stop", 6) == ["don’t ", "stop"])
  }

  @Test func aWordWiderThanTheLineIsSplit() {
    #expect(rows("abcdefghij", 4) == ["abcd", "efgh", "ij"])
    #expect(rows("x abcdefgh", 4) == ["x ", "abcd", "efgh"])
  }

  @Test func explicitNewlinesAreKept() {
    #expect(rows("a\n\nb\n", 10) == ["a", "", "b", ""])
    #expect(rows("a\r\nb", 10) == ["a", "b"])
    #expect(rows("", 10) == [""])
  }

  @Test func trailingSpacesHang() {
    let wrapped = WrappedText(metrics.clusters("abc     def"), width: 4)
    #expect(rows("abc     def", 4) == ["abc     ", "def"])
    #expect(wrapped.rows.map(\.width) == [4, 3])
  }

  @Test func aWideCharacterNeverStraddlesTheEdge() {
    #expect(rows("a中文", 4) == ["a中", "文"])
  }

  @Test func noRowIsWiderThanAsked() {
    let text = "Ab 中文，“quoted”（x）…👨‍👩‍👧 e\u{301}\u{202E}한국어 " + String(repeating: "、", count: 9)
    for width in 8...40 {
      let wrapped = WrappedText(metrics.clusters(text), width: width)
      #expect(wrapped.rows.allSatisfy { $0.width <= width })
      #expect(rows(text, width).joined() == text)
    }
  }

  @Test func everyCaretPositionIsFoundAgainAtItsPlace() {
    for text in ["", "a\n", "今天 the 会议，改 到 下午", "abcdefghij", "a  \n\n 中"] {
      let wrapped = WrappedText(metrics.clusters(text), width: 6)
      for position in 0...text.count {
        let place = wrapped.place(of: position)
        #expect(wrapped.position(at: place) == position, "\(text) at \(position)")
      }
    }
  }

  @Test func aPlaceOutsideTheTextIsMovedInside() {
    let wrapped = WrappedText(metrics.clusters("今天\nab"), width: 6)
    #expect(wrapped.position(at: .init(row: -5, column: -5)) == 0)
    #expect(wrapped.position(at: .init(row: 0, column: 99)) == 2)
    #expect(wrapped.position(at: .init(row: 99, column: 99)) == 5)
  }

  private func rows(_ text: String, _ width: Int) -> [String] {
    let characters = Array(text)
    let wrapped = WrappedText(metrics.clusters(text), width: width)
    return wrapped.rows.map { String(characters[$0.range]) }
  }
}
