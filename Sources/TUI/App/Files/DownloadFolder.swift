import FoundationEssentials

/// Where files are saved when the user names no place.
enum DownloadFolder {
  /// The desktop's download folder, which has a name in the user's language, by `user-dirs.dirs` of
  /// xdg-user-dirs; otherwise `~/Downloads`.
  static func standard(in environment: [String: String]) -> String {
    let home = environment["HOME"] ?? "/"
    let directory = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let file = "\(directory ?? "\(home)/.config")/user-dirs.dirs"
    // Most servers have none.
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    return folder(in: text, home: home) ?? "\(home)/Downloads"
  }

  /// Reads the line `XDG_DOWNLOAD_DIR="$HOME/下载"`.
  static func folder(in text: String, home: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) {
      guard let value = line.firstRange(of: "XDG_DOWNLOAD_DIR=").map({ line[$0.upperBound...] }),
        line.drop(while: \.isWhitespace).hasPrefix("XDG"),
        value.count > 2, value.first == "\"", value.last == "\""
      else { continue }
      let path = value.dropFirst().dropLast().replacing("$HOME", with: home, maxReplacements: 1)
      return path.hasPrefix("/") ? String(path) : nil
    }
    return nil
  }
}
