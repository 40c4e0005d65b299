import CWidth

/// The C library's opinion of how many cells a scalar takes: the one ncurses itself goes by.
///
/// `wcwidth` answers from the thread's locale, and in the start-up locale "C" it knows ASCII only. So
/// each question is asked inside a UTF-8 locale of our own, put on and taken off this thread around
/// the call. The answer therefore depends neither on the user's `LANG` nor on whether anybody has
/// called `setlocale`; and it equals what ncurses uses, because all of glibc's UTF-8 locales share one
/// width table.
package enum LibcWidth {
  /// 0, 1 or 2 cells; `nil` for what cannot be printed or is newer than the C library.
  package static func cells(of scalar: Unicode.Scalar) -> Int? {
    let width = cw_cells(Int32(bitPattern: scalar.value), utf8)
    return width < 0 ? nil : Int(width)
  }

  /// `nil` where the system has no such locale: the thread's own is asked then.
  ///
  /// Unsafe only in the compiler's eyes: made once, never modified, never freed.
  private nonisolated(unsafe) static let utf8 = cw_locale("C.UTF-8") ?? cw_locale("en_US.UTF-8")
}
