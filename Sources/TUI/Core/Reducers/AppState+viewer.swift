import MartletProtocol

extension AppState {
  /// The picture that is looked at is there: it is drawn.
  mutating func drawPicture(of id: AttachmentID, at path: String) -> [Effect] {
    guard case .viewer(var viewer) = overlay, viewer.attachment.id == id else { return [] }
    let request = pictureRequest
    viewer.stage = .drawing(path: path, request)
    overlay = .viewer(viewer)
    return [.attachments(.drawPicture(id, path: path, request))]
  }

  mutating func pictureDrawn(
    _ id: AttachmentID, _ request: PictureRequest, _ result: Result<Picture, PictureProblem>
  ) {
    guard case .viewer(var viewer) = overlay, viewer.attachment.id == id,
      case .drawing(let path, let wanted) = viewer.stage, wanted == request
    else { return }
    switch result {
    case .success(let picture): viewer.stage = .shown(path: path, request, picture)
    case .failure(let problem): viewer.stage = .failed(.picture(problem))
    }
    overlay = .viewer(viewer)
  }

  /// Draws the picture anew for a screen of another size.
  mutating func redrawPicture() -> [Effect] {
    guard case .viewer(let viewer) = overlay else { return [] }
    switch viewer.stage {
    case .fetching, .failed: return []
    case .drawing(let path, let request), .shown(let path, let request, _):
      guard request != pictureRequest else { return [] }
      return drawPicture(of: viewer.attachment.id, at: path)
    }
  }

  private var pictureRequest: PictureRequest {
    PictureRequest(
      size: ViewerView.pictureSize(in: size), colours: configuration.pictureColours,
      usesASCII: configuration.usesASCII || configuration.ambiguousWidth == .wide)
  }
}
