import MartletProtocol

/// Names of files that come from other people, made fit for a directory of one's own.
public enum SafeFileName {
  /// The longest name that file systems take, in bytes, with room for a number.
  private static let maximumBytes = 200

  /// The name to save an attachment under: no directories, no leading dots, nothing that controls a
  /// terminal or turns text around, nothing that a program takes for an option or a device, of bounded
  /// length, and with an ending of what the file is.
  ///
  /// - Parameter wanted: what the user wants it called; `nil` for its sender's name.
  public static func name(for attachment: Attachment, wanted: String? = nil) -> String {
    let clean = cleaned(wanted ?? attachment.name)
    let format = AttachmentFormat.allCases.first { $0.mediaType == attachment.mediaType }
    guard let format else { return shortened(clean, ending: "") }
    if let dot = clean.lastIndex(of: "."),
      format.fileExtensions.contains(clean[clean.index(after: dot)...].lowercased())
    {
      return shortened(String(clean[..<dot]), ending: String(clean[dot...]))
    }
    return shortened(clean, ending: ".\(format.fileExtensions[0])")
  }

  /// The name with which a file is sent, which the server's rules allow: at most 255 bytes without
  /// separators and controls.
  static func sent(_ name: String) -> String {
    let clean = cleaned(name)
    guard let dot = clean.lastIndex(of: ".") else { return shortened(clean, ending: "") }
    return shortened(String(clean[..<dot]), ending: String(clean[dot...]))
  }

  /// The n-th name to try, from 1: `picture.png`, `picture (2).png`.
  public static func numbered(_ name: String, _ number: Int) -> String {
    guard number > 1 else { return name }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
      return "\(name) (\(number))"
    }
    return "\(name[..<dot]) (\(number))\(name[dot...])"
  }

  private static func cleaned(_ name: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in name.unicodeScalars.prefix(4096) {
      switch scalar {
      case "/", "\\", ":", "*", "?", "\"", "<", ">", "|": scalars.append("_")
      case _ where isHarmful(scalar): break
      case _: scalars.append(scalar)
      }
    }
    var text = Substring(String(scalars))
    text = text.drop { $0 == "." || $0.isWhitespace }
    while text.last.map({ $0.isWhitespace || $0 == "." }) ?? false { text.removeLast() }
    guard let first = text.first else { return "file" }
    return first == "-" || first == "~" || isDevice(text) ? "_\(text)" : String(text)
  }

  /// Whether Windows, whose disks are also mounted elsewhere, takes the name for a device: with any
  /// ending, in any case ("Naming Files, Paths, and Namespaces", Microsoft).
  private static func isDevice(_ name: Substring) -> Bool {
    var stem = name.prefix { $0 != "." }
    while stem.last == " " { stem.removeLast() }
    let upper = stem.uppercased()
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(upper) { return true }
    return upper.count == 4 && (upper.hasPrefix("COM") || upper.hasPrefix("LPT"))
      && upper.last.map("0123456789¹²³".contains) ?? false
  }

  /// Controls, line and paragraph separators, bidirectional and other invisible characters.
  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      true
    case _: scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// Cut between characters, before the ending.
  private static func shortened(_ stem: String, ending: String) -> String {
    let ending = ending.utf8.count <= 16 ? ending : ""
    var stem = Substring(stem)
    while stem.utf8.count + ending.utf8.count > maximumBytes { stem.removeLast() }
    return (stem.isEmpty ? "file" : stem) + ending
  }
}
