/// Why a store could not do what it was asked, as far as a use case can act on it.
public enum StoreError: Error, Sendable {
  /// The database cannot be reached, or was lost midway: whether the work was done is unknown.
  case unavailable
  /// Too much work is waiting already; this was not begun.
  case overloaded
  /// Something that the request names is not there any more; nothing was done.
  case missing
  /// The database refused or answered nonsense; `cause` is for the log only.
  case failed(cause: String)
}
