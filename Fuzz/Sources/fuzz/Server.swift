import FoundationEssentials
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket

@testable import MartletMedia
@testable import MartletProtocol

/// The server's limit of one frame.
private let frameBytes = Limits().frameBytes

/// Takes what the server's pipeline lets through, and reads it as the server does.
private final class Reader: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame

  var isOver = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    expect(frame.fin && frame.unmaskedData.readableBytes <= frameBytes, "frames come whole")
    guard frame.opcode == .text else { return }
    fuzzRequest(Array(frame.unmaskedData.readableBytesView))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { isOver = true }
}

func fuzzFrames(_ input: [UInt8]) {
  let reader = Reader()
  let channel = EmbeddedChannel()
  // EmbeddedChannel throws what its handlers have caught; that is what is refused.
  try? channel.pipeline.syncOperations.addHandlers([
    ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: frameBytes)), FrameValidator(),
    NIOWebSocketFrameAggregator(
      minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 128,
      maxAccumulatedFrameSize: frameBytes), reader,
  ])
  // In two pieces, as the network may have it.
  let middle = Int(input.first ?? 0) * input.count / 256
  for piece in [input[..<middle], input[middle...]] where !reader.isOver && !piece.isEmpty {
    _ = try? channel.writeInbound(ByteBuffer(bytes: piece))
  }
  _ = try? channel.finish(acceptAlreadyClosed: true)
}

func fuzzRequest(_ input: [UInt8]) {
  let incoming = IncomingRequest(frame: Data(input))
  expect(incoming.id == nil || !incoming.isNotification, "a notification has no id")
  let thorough = IncomingRequest(thoroughly: Data(input))
  expect(
    incoming.id == thorough.id && incoming.request == thorough.request,
    "what is read quickly is read the same")
  guard case .success(let request) = incoming.request else { return }
  // What is read is written and read the same.
  func check(_ request: some RequestMessage) {
    let frame = WireCodec.encode(request, id: .number(1))
    let again = IncomingRequest(frame: frame)
    guard case .success = again.request else { return expect(false, "requests are read again") }
  }
  switch request {
  case .hello(let request): check(request)
  case .registerAccount(let request):
    check(request)
    try? AccountName.check(request.name)
  case .login(let request): check(request)
  case .resume(let request): check(request)
  case .logout(let request): check(request)
  case .listContacts(let request): check(request)
  case .fetchHistory(let request): check(request)
  case .sendMessage(let request):
    check(request)
    if let text = try? MessageText.normalized(request.text, limits: Limits(), mayBeEmpty: true) {
      expect(text.utf8.count <= Limits().textBytes, "a text fits the limit")
      expect(
        (try? MessageText.normalized(text, limits: Limits(), mayBeEmpty: true)) == text,
        "a normalised text is normalised")
    }
  case .markRead(let request): check(request)
  case .notifyTyping(let request): check(request)
  case .searchMessages(let request): check(request)
  case .searchEverywhere(let request): check(request)
  case .clearHistory(let request): check(request)
  case .listSessions(let request): check(request)
  case .revokeSession(let request): check(request)
  case .changePassword(let request): check(request)
  case .watchPresence(let request): check(request)
  }
}

/// The head of a request, read by the server's own HTTP decoder.
func fuzzUpload(_ input: [UInt8]) {
  let channel = EmbeddedChannel()
  try? channel.pipeline.syncOperations.addHandler(
    ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
  _ = try? channel.writeInbound(ByteBuffer(bytes: input))
  while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
    guard case .head(let head) = part else { continue }
    if case .begin(let name, let size)? = try? AttachmentRequest(head) {
      expect(size >= 0, "a size is a number of bytes")
      try? AttachmentName.check(name)
    }
    let size = Int64(input.count)
    if case .part(let range) = ByteRange(
      header: head.headers.first(name: "Range"), size: size)
    {
      expect(range.lowerBound >= 0 && range.upperBound <= size && !range.isEmpty, "in the file")
    }
  }
  _ = try? channel.finish(acceptAlreadyClosed: true)
}

private struct Bytes: RandomAccessBytes {
  let bytes: [UInt8]
  var count: Int64 { Int64(bytes.count) }
  func read(at offset: Int64, count: Int) -> [UInt8] {
    Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + count)])
  }
}

func fuzzMedia(_ input: [UInt8], kind: MediaType.Kind) {
  var passed = 0
  for format in AttachmentFormat.allCases where format.kind == kind {
    guard let found = try? MediaInspector.inspect(Bytes(bytes: input), as: format) else { continue }
    passed += 1
    guard kind == .image else { continue }
    let (width, height) = (Int64(found.width ?? 0), Int64(found.height ?? 0))
    expect(
      width > 0 && height > 0 && width * height <= PixelSize.maximumPixels, "pictures are bounded")
  }
  // Opus passes as Ogg, too.
  expect(passed <= (kind == .audio ? 2 : 1), "a file is of one format")
}
