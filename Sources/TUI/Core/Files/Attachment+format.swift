public import MartletProtocol

extension Attachment {
  /// Its format, by its type, or by its name where that says nothing.
  public var format: AttachmentFormat? {
    AttachmentFormat.allCases.first { $0.mediaType == mediaType }
      ?? AttachmentFormat(fileName: name)
  }

  /// What is to be done with it.
  var kind: MediaType.Kind? { mediaType.kind ?? format?.kind }
}
