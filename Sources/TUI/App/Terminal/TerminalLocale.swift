import Glibc
import TUICore

/// The process's locale, without which curses draws no character outside ASCII.
enum TerminalLocale {
  /// Takes the user's locale, and UTF-8 in any case: Martlet speaks nothing else, and a terminal that
  /// does not is one of another age.
  static func establish() throws(StartError) {
    setlocale(LC_ALL, "")
    tzset()
    guard !isUTF8 else { return }
    for name in ["C.UTF-8", "en_US.UTF-8"] where setlocale(LC_CTYPE, name) != nil && isUTF8 {
      return
    }
    throw StartError("This system has no UTF-8 locale; install one, such as C.UTF-8.")
  }

  /// The language of the interface by the environment: the first of LC_ALL, LC_MESSAGES and LANG that
  /// is set, as POSIX has it.
  static func language(in environment: [String: String]) -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }
    let name = names.first { !$0.isEmpty } ?? ""
    return name.lowercased().hasPrefix("zh") ? .chinese : .english
  }

  private static var isUTF8: Bool {
    guard let name = nl_langinfo(nl_item(CODESET)) else { return false }
    return String(cString: name) == "UTF-8"
  }
}
