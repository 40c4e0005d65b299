import Testing

@testable import TUICore

@Suite struct PictureParserTests {
  private func picture(
    _ output: String, columns: Int = 10, rows: Int = 10, ascii: Bool = false
  ) -> Picture {
    PictureParser.picture(
      from: output.utf8,
      request: PictureRequest(
        size: Size(columns: columns, rows: rows), colours: .many, usesASCII: ascii))
  }

  @Test func colouredHalfBlocksBecomeCells() {
    let picture = picture("\u{1B}[0m\u{1B}[38;5;196m\u{1B}[48;5;21m▀\u{1B}[7m▄\u{1B}[0m█\n ▄\n")
    #expect(picture.rows.count == 2)
    #expect(picture.rows[0].map(\.character) == ["▀", "▄", "█"])
    #expect(picture.rows[0][0].style == Style(.indexed(196), on: .indexed(21)))
    #expect(picture.rows[0][1].style == Style(.indexed(21), on: .indexed(196)))
    #expect(picture.rows[0][2].style == .plain)
  }

  @Test func nothingElseGetsThrough() {
    let hostile = "\u{1B}]0;title\u{7}\u{1B}[2J\u{1B}P+q\u{1B}\\a\u{202E}好\u{8}▀\r"
    let picture = picture(hostile)
    #expect(picture.rows.flatMap { $0 }.map(\.character) == [" ", " ", " ", "▀"])
  }

  @Test func itIsCutToTheSizeAskedFor() {
    let line = String(repeating: "█", count: 100) + "\n"
    let picture = picture(String(repeating: line, count: 100), columns: 7, rows: 3)
    #expect(picture.rows.map(\.count) == [7, 7, 7])
  }

  @Test func anASCIIPictureIsOfASCII() {
    #expect(picture("@#▀\n", ascii: true).rows[0].map(\.character) == ["@", "#", " "])
  }
}
