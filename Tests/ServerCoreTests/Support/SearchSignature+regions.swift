import ServerCore

extension SearchSignature {
  /// The regions of some grams, as a store reads them.
  func regions(of grams: [Gram]) -> [UInt8] {
    let size = Self.bytesOfRegion * blocks
    return grams.flatMap { bytes[$0.region * size..<($0.region + 1) * size] }
  }
}
