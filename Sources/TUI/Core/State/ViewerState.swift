import MartletProtocol

/// A picture over the whole screen.
struct ViewerState: Sendable {
  let attachment: Attachment
  var stage = Stage.fetching

  enum Stage: Sendable {
    /// It is being fetched.
    case fetching
    /// It is there, and being drawn for a size.
    case drawing(path: String, PictureRequest)
    case shown(path: String, PictureRequest, Picture)
    case failed(Failure)
  }

  enum Failure: Hashable, Sendable {
    case transfer(TransferFailure)
    case picture(PictureProblem)
  }
}
