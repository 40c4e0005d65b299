/// What a link does to the bytes that pass, at present.
struct Link: Sendable {
  /// Both ways, everything vanishes, and neither side is told.
  var swallows = false
  /// Nothing comes through from the client to the server, for now.
  var holdsUp = false
  /// Nothing comes through from the server to the client, for now.
  var holdsDown = false
  /// How much later everything arrives.
  var delay = Duration.zero
  /// How fast it is; `nil` for as fast as it goes.
  var bytesPerSecond: Int?
}
