import Glibc

/// The C library's opinion of how many cells a scalar takes: the one ncurses itself goes by.
///
/// `wcwidth` answers from the thread's locale, and in the start-up locale "C" it knows ASCII only. So
/// each question is asked inside a UTF-8 locale of our own, put on and taken off this thread around
/// the call. The answer therefore depends neither on the user's `LANG` nor on whether anybody has
/// called `setlocale`; and it equals what ncurses uses, because all of glibc's UTF-8 locales share one
/// width table.
enum LibcWidth {
  /// 0, 1 or 2 cells; `nil` for what cannot be printed or is newer than the C library.
  static func cells(of scalar: Unicode.Scalar) -> Int? {
    let previous = uselocale(utf8)
    defer { _ = uselocale(previous) }
    let width = wcwidth(wchar_t(bitPattern: scalar.value))
    return width < 0 ? nil : Int(width)
  }

  /// glibc's own. Its declaration stands behind `_XOPEN_SOURCE`, which Swift's Glibc module does not
  /// define; one `Int32` in and one out is the same call in Swift and in C.
  @_silgen_name("wcwidth")
  private static func wcwidth(_ character: wchar_t) -> Int32

  /// `nil` where the system has no such locale; `uselocale(nil)` then changes nothing.
  ///
  /// Unsafe only in the compiler's eyes: made once, never modified, never freed.
  private nonisolated(unsafe) static let utf8: locale_t? =
    newlocale(characterTypeMask, "C.UTF-8", nil) ?? newlocale(characterTypeMask, "en_US.UTF-8", nil)

  /// `LC_CTYPE_MASK`, a macro that Swift does not import.
  private static let characterTypeMask = Int32(1) << LC_CTYPE
}
