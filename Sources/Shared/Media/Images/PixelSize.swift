/// The size of a picture, in pixels.
struct PixelSize {
  /// A picture of more pixels is refused: a file of a few kilobytes can unfold to gigabytes in whatever
  /// opens it. Cameras make up to about this many; as RGBA they are 400 MB.
  static let maximumPixels: Int64 = 100_000_000

  let width: Int
  let height: Int

  /// - Throws: ``MediaFault/damaged(_:)`` for no pixels, and for too many.
  init(width: Int64, height: Int64) throws {
    guard width >= 1, height >= 1 else { throw MediaFault.damaged("The picture has no pixels.") }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= Self.maximumPixels else {
      throw MediaFault.damaged(
        "The picture is \(width) × \(height) pixels; pictures may have up to 100 million.")
    }
    self.width = Int(width)
    self.height = Int(height)
  }
}
