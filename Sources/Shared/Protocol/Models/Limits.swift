/// What the server will accept, announced in its answer to `hello`.
public struct Limits: Codable, Hashable, Sendable {
  /// The largest frame a client may send, in bytes.
  public let frameBytes: Int
  /// The largest frame the server will send, in bytes.
  public let serverFrameBytes: Int
  /// The longest message text, in bytes of UTF-8 after normalisation.
  public let textBytes: Int
  /// The largest picture, in bytes.
  public let imageBytes: Int64
  /// The largest sound, in bytes.
  public let audioBytes: Int64
  /// The longest text to search for, in bytes of UTF-8.
  public let queryBytes: Int
  /// The most entries a page of a list or of history may have.
  public let pageEntries: Int
  /// How many requests may wait for their answers on one connection.
  public let pendingRequests: Int
  /// The shortest password, in characters.
  public let passwordCharacters: Int
  /// How long a connection may stay without signing in, in milliseconds, not counting the time
  /// it waits for the server.
  public let signInMilliseconds: Int
  /// How often the server pings, in milliseconds.
  public let pingMilliseconds: Int
  /// How long the server waits for the pong, in milliseconds, before it gives the connection up.
  public let pongMilliseconds: Int

  public init(
    frameBytes: Int = 64 * 1024, serverFrameBytes: Int = 1024 * 1024, textBytes: Int = 16 * 1024,
    imageBytes: Int64 = 20_000_000, audioBytes: Int64 = 100_000_000, queryBytes: Int = 1024,
    pageEntries: Int = 200, pendingRequests: Int = 64, passwordCharacters: Int = 8,
    signInMilliseconds: Int = 5000, pingMilliseconds: Int = 25_000, pongMilliseconds: Int = 10_000
  ) {
    self.frameBytes = frameBytes
    self.serverFrameBytes = serverFrameBytes
    self.textBytes = textBytes
    self.imageBytes = imageBytes
    self.audioBytes = audioBytes
    self.queryBytes = queryBytes
    self.pageEntries = pageEntries
    self.pendingRequests = pendingRequests
    self.passwordCharacters = passwordCharacters
    self.signInMilliseconds = signInMilliseconds
    self.pingMilliseconds = pingMilliseconds
    self.pongMilliseconds = pongMilliseconds
  }

  private enum CodingKeys: String, CodingKey {
    case frameBytes = "frame_bytes"
    case serverFrameBytes = "server_frame_bytes"
    case textBytes = "text_bytes"
    case imageBytes = "image_bytes"
    case audioBytes = "audio_bytes"
    case queryBytes = "query_bytes"
    case pageEntries = "page_entries"
    case pendingRequests = "pending_requests"
    case passwordCharacters = "password_characters"
    case signInMilliseconds = "sign_in_ms"
    case pingMilliseconds = "ping_ms"
    case pongMilliseconds = "pong_ms"
  }
}
