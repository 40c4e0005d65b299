import Glibc
import MartletProtocol

/// A decoder that meets bytes from outside.
///
/// A target runs one input to its end: a trap, an overflow or a broken promise of the decoder is a
/// finding. What is refused as it should be is none.
enum Target: String, CaseIterable {
  // The server.
  /// The bytes of a WebSocket, from a client.
  case frames
  /// The text of a frame: every request there is.
  case requests
  /// The head of an HTTP request for a file.
  case uploads
  /// A picture that was sent.
  case pictures
  /// A sound that was sent.
  case sounds
  // The client.
  /// The text of a frame: every push, and what the client makes of it.
  case pushes
  /// The answer to each request, by its first byte, and what the client makes of it.
  case replies
  /// The answers to transfers.
  case transfers
  /// What a terminal sends.
  case terminal
  /// What a program prints that draws pictures.
  case drawings
  /// Names and texts from others, and paths that are typed or pasted.
  case texts

  /// The one that this process runs. It is set once, before anything runs.
  nonisolated(unsafe) static var chosen = Target.frames

  func run(_ input: [UInt8]) {
    switch self {
    case .frames: fuzzFrames(input)
    case .requests: fuzzRequest(input)
    case .uploads: fuzzUpload(input)
    case .pictures: fuzzMedia(input, kind: .image)
    case .sounds: fuzzMedia(input, kind: .audio)
    case .pushes: fuzzPush(input)
    case .replies: fuzzReply(input)
    case .transfers: fuzzTransfer(input)
    case .terminal: fuzzTerminal(input)
    case .drawings: fuzzDrawing(input)
    case .texts: fuzzText(input)
    }
  }
}

func fail(_ words: String) -> Never {
  let line = Array("\(words)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(2)
}

/// A promise that a decoder makes for every input.
func expect(_ holds: @autoclosure () -> Bool, _ promise: StaticString) {
  if !holds() { fatalError("broken: \(promise)") }
}
