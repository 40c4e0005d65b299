extension String {
  /// The text as one line of a log: whatever would act on the terminal that a log is read in, turn the
  /// reading around, hide, or begin a line of its own, is a question mark.
  public var asLogLine: String {
    String(UnicodeScalarView(unicodeScalars.map { $0.isHarmlessInALog ? $0 : "?" }))
  }
}

extension Unicode.Scalar {
  fileprivate var isHarmlessInALog: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
    case _: true
    }
  }
}
