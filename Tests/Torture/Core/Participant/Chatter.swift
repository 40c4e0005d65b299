public import MartletProtocol

/// What a client writes, and to whom, at random: short and long, in several scripts, with what breaks
/// careless programs.
public struct Chatter: Sendable {
  /// Everyone else, and the conversations that have more than two members.
  private let targets: [Target]
  private var serial: Int

  private static let phrases = [
    "早上好！今天的会议改到下午三点了。", "see you at three", "好的，谢谢 👍", "Room 302, 别走错 🙂",
    "'; DROP TABLE messages; --", "100% \\ of _it_", "e\u{301}tude, ﬁne, ｆｕｌｌ", "👩‍👩‍👧 🏳️‍🌈",
    "line one\nline two\n\n\tthe end",
    "\"quoted\" and {\"json\": null}", "مرحبا שלום", "<b>&amp;</b>",
  ]

  /// - Parameter serial: The number of the first message; each gets its own, so that no two texts of
  ///   a sender are the same.
  public init(targets: [Target], serial: Int) {
    self.targets = targets
    self.serial = serial
  }

  /// The next message: three in ten go to the last target, the busy one. `nil` when there is nobody to
  /// write to.
  public mutating func next(
    to target: Target? = nil, using random: inout some RandomNumberGenerator
  ) -> (target: Target, text: String)? {
    guard let last = targets.last, let any = targets.randomElement(using: &random) else {
      return nil
    }
    let isForAll = Int.random(in: 0..<10, using: &random) < 3
    let phrase = Self.phrases.randomElement(using: &random) ?? ""
    // One in twenty is long, one in two hundred of several pages.
    let repeats: Int =
      switch Int.random(in: 0..<200, using: &random) {
      case 0: 150
      case 1...10: 20
      case _: 1
      }
    serial += 1
    let text = "\(serial) " + String(repeating: phrase, count: repeats)
    return (target ?? (isForAll ? last : any), text)
  }
}
