import MartletProtocol
import Testing

@Suite struct AccountNameTests {
  @Test(arguments: [
    "a", "alice", "Alice", "bob42", "42bob", "李雷", "韩梅梅", "mary-jane", "a.b_c", "bob_", "한국어",
    "Ωμέγα", "Олег", "יוסף", "李雷abc", "ﾊﾛｰ2", "東京タワーのA", "々木", "김bob漢", "ㄅㄆ李", "فارسی۱۲", "اسم٣",
    "Ａｌｉｃｅ", "नी\u{902}ल", "ไทย", "שָׁלוֹם", "مُحَمَّد", "Việt", "が\u{3099}", "José", "Jose\u{301}", "नमस्ते",
    String(repeating: "a", count: 32),
    String(repeating: "好", count: 32),
  ])
  func allowsLettersAndDigitsOfAnyScript(_ name: String) {
    #expect(throws: Never.self) { try AccountName.check(name) }
  }

  @Test(arguments: [
    "", " ", "a b", " a", "a ", "_a", "-a", ".a", "\u{301}a", "a\u{0}b", "a\nb", "a\u{1B}[31mb",
    "a\u{85}b", "a\u{202E}b", "a\u{200B}b", "a\u{200D}b", "a\u{FE0F}b", "a\u{34F}b", "a\u{3164}b",
    "\u{3164}", "🙂", "a@b", "a/b", "a:b", "#a", "a\u{20DD}", "½", "Ⅷ",
    String(repeating: "a", count: 33), String(repeating: "e\u{301}", count: 17),
  ])
  func refusesEverythingElse(_ name: String) {
    let error = #expect(throws: RPCError.self) { try AccountName.check(name) }
    #expect(error?.code == .invalidName)
    #expect(error?.retryAfter == nil)
  }

  /// The first letter of each is not the one that it looks like, or the last digit.
  @Test(arguments: [
    "\u{430}lice", "b\u{43E}b", "\u{3BF}scar", "\u{555}scar", "Ωmega", "bob\u{9E6}", "bob\u{665}",
    "Иvan", "b\u{D02}b", "b\u{C02}b", "b\u{64E}", "李\u{43E}", "かがくㄅ", "\u{13AA}da",
  ])
  func refusesLettersOfSeveralAlphabets(_ name: String) {
    let error = #expect(throws: RPCError.self) { try AccountName.check(name) }
    #expect(error?.code == .invalidName)
  }

  @Test func saysWhatToChange() {
    func refusal(of name: String) -> String? {
      do {
        try AccountName.check(name)
        return nil
      } catch {
        return error.message
      }
    }
    #expect(refusal(of: "") == "A name may not be empty.")
    #expect(
      refusal(of: String(repeating: "a", count: 33)) == "A name may have at most 32 characters.")
    #expect(refusal(of: "Ωmega") == "A name may not mix letters of several alphabets.")
    #expect(
      refusal(of: "secret name")
        == "A name may have letters, digits, '_', '-' and '.', and starts with a letter or a digit."
    )
  }
}
