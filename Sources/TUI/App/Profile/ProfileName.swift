import ArgumentParser

/// The name of a profile: one signed-in identity on this machine. It is the name of a directory too,
/// and so may not be able to lead out of its parent.
struct ProfileName: Hashable, Sendable, CustomStringConvertible {
  /// The profile used when none is asked for.
  static let standard = ProfileName(unchecked: "default")

  let description: String

  private init(unchecked text: String) { description = text }

  /// `nil` for anything but 1 to 64 letters, digits, `_`, `-` and `.` of ASCII that begin with a
  /// letter or a digit.
  init?(_ text: String) {
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      case _: false
      }
    }
    guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isPlain(first),
      text.utf8.allSatisfy({ isPlain($0) || "_-.".utf8.contains($0) })
    else { return nil }
    description = text
  }

  /// The profile to try when so many before it are in use: `default`, `default-2`, `default-3`.
  func numbered(_ number: Int) -> ProfileName {
    number == 1 ? self : ProfileName(unchecked: "\(description)-\(number)")
  }
}

extension ProfileName: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}
