import MartletProtocol

// What a message consists of: its text, and its file with what goes on with it.
extension MessageLines {
  /// One row of a body.
  struct BodyRow {
    var runs: [StyledLine.Run]
    /// Without the spaces that hang over its end.
    var width: Int
  }

  /// The rows of a stored message, at least one.
  func body(of message: Message, in width: Int) -> [BodyRow] {
    guard let attachment = message.attachment else {
      return text(message.text, highlight(message), width: width)
    }
    var body = message.text.isEmpty ? [] : text(message.text, highlight(message), width: width)
    body += file(attachment, width: width)
    if let download = downloads[attachment.id] {
      body += rows(download.meter.text(symbols), Style(.attention), width: width)
    } else if let failure = downloads.failed[attachment.id] {
      body += rows(strings.explain(failure), Style(.negative), width: width)
    }
    if playing?.attachment.id == attachment.id {
      body += rows(strings.files.playing, Style(.positive), width: width)
    }
    return body
  }

  /// The rows of a message that is on its way, at least one.
  func body(of pending: PendingMessage, in width: Int) -> [BodyRow] {
    let message = pending.message
    var body = message.text.isEmpty ? [] : text(message.text, .none, width: width)
    switch message.file {
    case .local(let local):
      let kind = AttachmentFormat(fileName: local.name)?.kind
      body += file(local.name, kind: kind, size: local.size, width: width)
    case .uploaded(let attachment, _): body += file(attachment, width: width)
    case nil: break
    }
    if case .uploading(let meter) = pending.delivery {
      body += rows(meter.text(symbols), Style(.attention), width: width)
    }
    return body.isEmpty ? text("", .none, width: width) : body
  }

  /// A text of the interface's own in so many rows as it takes.
  func rows(_ text: String, _ style: Style, width: Int) -> [BodyRow] {
    let wrapped = WrappedText(metrics.clusters(text), width: max(1, width))
    return wrapped.rows.map { row in
      let run = StyledLine.Run(clusters: Array(wrapped.clusters[row.range]), style: style)
      return BodyRow(runs: [run], width: row.width)
    }
  }

  /// Whether an item is the message that keys act on.
  func isSelected(_ item: MessagePane.Item) -> Bool {
    switch (item, selected) {
    case (.message(let index), .message(let sequence)):
      conversation.timeline.messages[index].sequence == sequence
    case (.pending(let index), .pending(let key)): conversation.pending[index].message.key == key
    case (.top, _), (.end, _), (.message, _), (.pending, _): false
    }
  }

  private func text(_ text: String, _ highlight: Highlight, width: Int) -> [BodyRow] {
    let wrapped = WrappedText(metrics.clusters(text), width: width)
    return wrapped.rows.map { row in
      BodyRow(runs: highlight.runs(of: wrapped.clusters, in: row.range), width: row.width)
    }
  }

  private func file(_ attachment: Attachment, width: Int) -> [BodyRow] {
    var dimensions: String?
    if let width = attachment.width, let height = attachment.height {
      dimensions = "\(width)\(symbols.times)\(height)"
    }
    return file(
      attachment.name, kind: attachment.kind, size: attachment.size, dimensions: dimensions,
      width: width)
  }

  /// A sign for the kind, the name, and in grey what else is known.
  private func file(
    _ name: String, kind: MediaType.Kind?, size: Int64, dimensions: String? = nil, width: Int
  ) -> [BodyRow] {
    let sign =
      switch kind {
      case .image: symbols.image
      case .audio: symbols.audio
      case nil: symbols.file
      }
    let facts = ([ByteCount.text(size)] + [dimensions].compactMap { $0 }).joined(separator: "  ")
    var body = rows("\(sign) \(name)", Style(.accent), width: width)
    let rest = metrics.clusters("  \(facts)")
    if let last = body.last, last.width + rest.width <= width {
      body[body.count - 1].runs.append(StyledLine.Run(clusters: rest, style: Style(.muted)))
      body[body.count - 1].width += rest.width
      return body
    }
    return body + rows(facts, Style(.muted), width: width)
  }
}
