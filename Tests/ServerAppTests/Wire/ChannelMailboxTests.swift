import FoundationEssentials
import MartletProtocol
import NIOCore
import NIOEmbedded
import NIOWebSocket
import ServerCore
import Testing

@testable import ServerApp

/// The queue of one connection, over a channel whose writability the test decides.
@Suite struct ChannelMailboxTests {
  private let channel: EmbeddedChannel
  private let mailbox: ChannelMailbox

  init() throws {
    channel = EmbeddedChannel()
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    mailbox = ChannelMailbox(channel: channel, patience: .seconds(10))
  }

  /// What was written, close frames as their status.
  private func written() throws -> [String] {
    channel.embeddedEventLoop.run()
    var frames: [String] = []
    while var frame = try channel.readOutbound(as: WebSocketFrame.self) {
      switch frame.opcode {
      case .connectionClose: frames.append("close \(frame.data.readInteger(as: UInt16.self) ?? 0)")
      default: frames.append(String(buffer: frame.data))
      }
    }
    return frames
  }

  private func becomeWritable() {
    channel.isWritable = true
    mailbox.drain()
  }

  private func typing(_ number: Int64) -> OutgoingPush {
    OutgoingPush(
      TypingPush(conversation: ConversationID(number), user: UserID(1)), isEphemeral: true)
  }

  private func read(_ number: Int64) -> OutgoingPush {
    OutgoingPush(
      ReadPush(
        conversation: ConversationID(number), user: UserID(1), sequence: MessageSequence(1)))
  }

  private func text(_ push: OutgoingPush) -> String { String(decoding: push.frame, as: UTF8.self) }

  private func filler(bytes: Int) -> Data { Data(repeating: 0x78, count: bytes) }

  @Test func repliesAndPushesLeaveInTheOrderTheyWereQueued() throws {
    mailbox.deliver(read(1))
    mailbox.send(Data("reply".utf8))
    mailbox.deliver(typing(2))
    mailbox.deliver(read(3))
    #expect(try written() == [text(read(1)), "reply", text(typing(2)), text(read(3))])
  }

  @Test func nothingIsWrittenToASocketThatTakesNothing() throws {
    channel.isWritable = false
    mailbox.deliver(read(1))
    #expect(try written() == [])
    becomeWritable()
    #expect(try written() == [text(read(1))])
  }

  @Test func ephemeralPushesAreDroppedFirst() throws {
    channel.isWritable = false
    mailbox.deliver(typing(1))
    mailbox.send(filler(bytes: ChannelMailbox.ephemeralBytes))
    mailbox.deliver(typing(2))
    mailbox.deliver(read(3))
    becomeWritable()
    let frames = try written()
    #expect(frames.first == text(typing(1)))
    #expect(frames.last == text(read(3)))
    #expect(frames.count == 3)
  }

  @Test func asMuchAsMayWaitWaits() throws {
    channel.isWritable = false
    mailbox.send(filler(bytes: ChannelMailbox.maximumBytes))
    becomeWritable()
    #expect(try written().map(\.utf8.count) == [ChannelMailbox.maximumBytes])
  }

  @Test func oneByteMoreDropsEverythingAndCloses() throws {
    channel.isWritable = false
    mailbox.send(filler(bytes: ChannelMailbox.maximumBytes))
    mailbox.send(filler(bytes: 1))
    mailbox.deliver(read(1))
    // Also without the socket's taking anything: the close frame is all there is.
    #expect(try written() == ["close 4008"])
  }

  @Test func whatWasTakenMakesRoom() throws {
    for _ in 1...5 {
      mailbox.send(filler(bytes: ChannelMailbox.maximumBytes))
      #expect(try written().map(\.utf8.count) == [ChannelMailbox.maximumBytes])
    }
  }

  @Test func aCloseComesAfterWhatWasQueuedAndNothingAfterIt() throws {
    mailbox.deliver(read(1))
    mailbox.close(.restarting)
    mailbox.deliver(read(2))
    mailbox.close(.signedOut)
    #expect(try written() == [text(read(1)), "close 1012"])
  }

  @Test func anEchoedCloseComesInsteadOfWhatWasQueued() throws {
    channel.isWritable = false
    mailbox.deliver(read(1))
    mailbox.echoClose(3999)
    #expect(try written() == ["close 3999"])
    #expect(!channel.isActive)
  }

  @Test func theReceiverOfACloseMayAnswerFirst() throws {
    mailbox.close(.restarting)
    _ = try written()
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test func patienceEndsAConnectionThatTakesNothing() throws {
    channel.isWritable = false
    mailbox.deliver(read(1))
    mailbox.close(.restarting)
    #expect(try written() == [])
    channel.embeddedEventLoop.advanceTime(by: .seconds(9))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }
}
