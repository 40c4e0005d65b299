/// What finishes in the background what a use case has begun by removing something. What is left to
/// do is in the database, so that a crash forgets nothing.
public protocol Cleaner: Sendable {
  /// There is something to do. Returns at once; calling it for nothing does no harm.
  func wake()
}
