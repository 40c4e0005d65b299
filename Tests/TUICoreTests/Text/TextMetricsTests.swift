import MartletWidth
import Testing

@testable import TUICore

/// Widths are those of glibc's `wcwidth` summed over the scalars drawn.
@Suite struct TextMetricsTests {
  let metrics = TextMetrics()

  @Test(
    arguments: [
      ("a", 1), ("é", 1), ("e\u{301}", 1), ("中", 2), ("。", 2), ("ｱ", 1), ("Ａ", 2), ("　", 2),
      ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2), ("👍", 2), ("👍🏽", 2), ("🇨🇳", 2), ("❤", 1),
      ("❤\u{FE0F}", 1), ("⌚\u{FE0E}", 2), ("1\u{FE0F}\u{20E3}", 1), ("👨‍👩‍👧", 6),
      ("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", 2), ("שלום", 4), ("سلام", 4),
      ("می\u{200C}خواهم", 7), ("กำ", 2), ("\t", 4), ("", 0),
    ]
  ) func widthIsWhatTheTerminalDraws(text: String, width: Int) {
    #expect(metrics.width(of: text) == width)
  }

  @Test(
    arguments: [
      ("\u{1B}[2J", "␛[2J"), ("\u{0}", "␀"), ("\u{7F}", "␡"), ("\r", "␍"), ("\n", "␊"),
      ("\u{9B}", "<U+009B>"), ("\u{202E}x", "<U+202E>x"), ("\u{2066}", "<U+2066>"),
      ("\u{200F}", "<U+200F>"), ("\u{61C}", "<U+061C>"), ("\u{2028}", "<U+2028>"),
      ("a\u{200D}", "a<U+200D>"), ("\u{200B}", "<U+200B>"), ("\u{FEFF}", "<U+FEFF>"),
      ("\u{E0041}", "<U+E0041>"), ("\u{3164}", "<U+3164>"), ("\u{378}", "<U+0378>"),
      ("\u{301}", "\u{25CC}\u{301}"), ("👍🏽", "👍"), ("👨‍👩", "👨👩"), ("❤\u{FE0F}", "❤"),
    ]
  ) func drawnFormHasNothingATerminalActsOn(text: String, drawn: String) {
    // Compared by scalars: "e" and "é" are equal as characters.
    #expect(scalars(text) == Array(drawn.unicodeScalars))
  }

  @Test func ambiguousCharactersTakeWhatTheSettingSays() {
    let wide = TextMetrics(ambiguousWidth: .wide)
    for text in ["“", "…", "①", "●", "─", "±"] {
      #expect(metrics.width(of: text) == 1)
      #expect(wide.width(of: text) == 2)
    }
    for text in ["a", "中", "e\u{301}", "ｱ"] {
      #expect(
        metrics.width(of: text) == wide.width(of: text), "\(text) is not ambiguous, or a mark")
    }
  }

  @Test func aFloodOfMarksIsCutToWhatACellHolds() {
    let zalgo = "Z" + String(repeating: "\u{301}", count: 1000)
    let glyphs = metrics.clusters(zalgo).flatMap(\.glyphs)
    #expect(glyphs.count == 1)
    #expect(glyphs.first?.scalars.count == 1 + Glyph.maximumMarks)
    #expect(metrics.width(of: zalgo) == 1)
  }

  @Test func aFamilyIsDrawnMemberByMember() {
    let glyphs = metrics.clusters("👨‍👩‍👧").flatMap(\.glyphs)
    #expect(glyphs.map(\.width) == [2, 2, 2])
    #expect(glyphs.allSatisfy { $0.marks.isEmpty })
  }

  @Test func anEndlessFamilyIsCut() {
    let family = "👩" + String(repeating: "\u{200D}👩", count: 1000)
    let clusters = metrics.clusters(family)
    #expect(clusters.count == 1)
    #expect(clusters.map(\.width).allSatisfy { $0 < 40 })
    #expect(clusters.first?.glyphs.last?.base == "~")
  }

  @Test func everyScalarIsDrawnAsPrintableGlyphsOfItsWidth() {
    for value in UInt32(0)...0x2FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let cluster = metrics.cluster(Character(scalar))
      guard !cluster.glyphs.isEmpty else {
        Issue.record("U+\(String(value, radix: 16)) draws nothing")
        continue
      }
      for glyph in cluster.glyphs {
        // Each scalar as glibc measures it: 1 or 2 for the base, 0 for what is on top.
        let width = LibcWidth.cells(of: glyph.base)
        if width != glyph.width || glyph.marks.contains(where: { LibcWidth.cells(of: $0) != 0 }) {
          Issue.record("U+\(String(value, radix: 16)) is drawn \(glyph)")
        }
      }
    }
  }

  private func scalars(_ text: String) -> [Unicode.Scalar] {
    metrics.clusters(text).flatMap(\.glyphs).flatMap(\.scalars)
  }
}
