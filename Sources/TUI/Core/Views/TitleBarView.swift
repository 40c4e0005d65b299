import MartletProtocol

/// Who and where one is, and the state of the connection.
struct TitleBarView {
  let state: AppState

  func draw(on canvas: inout Canvas, row: Int) {
    let bar = Style(.standard, .reverse)
    let columns = canvas.size.columns
    canvas.clear(Rectangle(row: row, column: 0, rows: 1, columns: columns), style: bar)
    let (text, colour) = connection
    let sign = state.connection == .connected ? state.symbols.online : state.symbols.offline
    let width = state.metrics.width(of: "\(sign) \(text) ")
    let start = max(0, columns - width)
    var column = canvas.write(
      " martlet", at: Position(row: row, column: 0), limit: start,
      style: Style(.standard, [.reverse, .bold]))
    let room = start - column - 1
    let (marker, markerColour) = transport
    let markerWidth = marker.isEmpty ? 0 : state.metrics.width(of: marker) + 2
    column = canvas.write(
      state.metrics.truncated("  \(identity)", to: max(0, room - markerWidth)),
      at: Position(row: row, column: column), limit: start, style: bar)
    if markerWidth > 0, markerWidth < room {
      canvas.write(
        "  \(marker)", at: Position(row: row, column: column), limit: start,
        style: Style(markerColour, .reverse))
    }
    column = canvas.write(
      sign, at: Position(row: row, column: start), style: Style(colour, .reverse))
    canvas.write(" \(text)", at: Position(row: row, column: column), style: bar)
  }

  private var identity: String {
    let configuration = state.configuration
    let place = state.user.map { "\($0.name)@\(configuration.server)" } ?? configuration.server
    return configuration.profile == "default" ? place : "\(place) [\(configuration.profile)]"
  }

  /// What protects the way; nothing where nobody else is on it.
  private var transport: (text: String, colour: Style.Colour) {
    switch state.configuration.transport {
    case .encrypted: (state.strings.trust.encrypted, .positive)
    case .local: ("", .standard)
    case .plain: (state.strings.trust.notEncrypted, .attention)
    }
  }

  private var connection: (text: String, colour: Style.Colour) {
    switch state.connection {
    case .connecting(let attempt): (state.strings.connecting(attempt), .attention)
    case .connected: (state.strings.connected, .positive)
    case .waiting(let retryAt, _):
      (state.strings.waiting(state.secondsUntil(retryAt)), .negative)
    case .untrusted: (state.strings.trust.notTrusted, .negative)
    }
  }
}

extension AppState {
  /// Whole seconds from now, rounded up, at least 0.
  func secondsUntil(_ time: Timestamp) -> Int64 {
    max(0, (time.milliseconds(since: now) + 999) / 1000)
  }
}
