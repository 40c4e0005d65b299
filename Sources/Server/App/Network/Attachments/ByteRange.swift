/// The part of a file that a `Range` header asks for (RFC 9110, section 14).
enum ByteRange: Hashable {
  /// No range, or one of a form that is not served: the whole file.
  case all
  case part(Range<Int64>)
  /// It begins behind the end.
  case unsatisfiable

  /// Reads `bytes=M-` and `bytes=M-N`.
  ///
  /// - Parameter size: the file's, in bytes.
  init(header: String?, size: Int64) {
    guard let header, header.lowercased().hasPrefix("bytes=") else {
      self = .all
      return
    }
    let bounds = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, let first = Int64(digits: bounds[0]) else {
      self = .all
      return
    }
    // The last byte may lie behind the end, and is left out for it.
    let last = bounds[1].isEmpty ? Int64.max : Int64(digits: bounds[1])
    guard let last, first <= last else {
      self = .all
      return
    }
    self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
  }
}

extension Int64 {
  /// Reads a number of decimal digits and nothing else; one too large is the largest there is.
  init?(digits text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    self = Int64(text) ?? .max
  }
}
