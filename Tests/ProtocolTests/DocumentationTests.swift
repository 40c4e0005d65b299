import MartletProtocol
import TestSupport
import Testing

/// Holds docs/protocol.md and the codec to each other. The examples there are the pins of the wire.
@Suite struct DocumentationTests {
  private let document: ProtocolDocument

  init() throws { document = try ProtocolDocument() }

  @Test func everyRequestHasAnExampleThatTheCodecWritesTheSame() throws {
    for kind in ["request", "notification"] {
      for block in document.blocks("json", kind) {
        let (written, method) = try Reencoding.request(block.text.frame)
        #expect(written.text == (try JSON.canonical(block.text)), "\(block)")
        #expect(method == block.tags.last, "\(block)")
        #expect(
          IncomingRequest(frame: block.text.frame).isNotification == (kind == "notification"),
          "\(block)")
      }
    }
    #expect(Set(methods(of: "request")) == Set(ClientRequest.methods))
  }

  @Test func everyReplyHasAnExampleThatTheCodecWritesTheSame() throws {
    for block in document.blocks("json", "reply") {
      let method = try #require(block.tags.last)
      let written = try Reencoding.reply(block.text.frame, to: method)
      #expect(written.text == (try JSON.canonical(block.text)), "\(block)")
    }
    #expect(Set(methods(of: "reply")) == Set(ClientRequest.methods))
  }

  @Test func everyPushHasAnExampleThatTheCodecWritesTheSame() throws {
    for block in document.blocks("json", "push") {
      let (written, method) = try Reencoding.push(block.text.frame)
      #expect(written.text == (try JSON.canonical(block.text)), "\(block)")
      #expect(method == block.tags.last, "\(block)")
    }
    #expect(Set(methods(of: "push")) == Set(ServerPush.methods))
  }

  @Test func theExamplesOfErrorsAreWhatTheCodecWrites() throws {
    let blocks = document.blocks("json", "error")
    #expect(!blocks.isEmpty)
    for block in blocks {
      let written = try Reencoding.failure(block.text.frame)
      #expect(written.text == (try JSON.canonical(block.text)), "\(block)")
    }
  }

  @Test func noExampleOfJSONIsLeftUnchecked() {
    for block in document.blocks where block.tags.first == "json" {
      #expect(
        ["request", "notification", "reply", "push", "error"].contains(
          block.tags.dropFirst().first),
        "\(block)")
    }
  }

  @Test func theTranscriptIsASessionThatCouldBe() throws {
    let transcript = try #require(document.blocks("text", "session").first)
    var asked: [RequestID: String] = [:]
    var seen: Set<String> = []
    for line in transcript.text.split(separator: "\n") where !line.hasPrefix("#") {
      let text = String(line.dropFirst(2))
      switch line.first {
      case "C":
        let (written, method) = try Reencoding.request(text.frame)
        #expect(written.text == (try JSON.canonical(text)))
        let id = try #require(IncomingRequest(frame: text.frame).id)
        #expect(asked.updateValue(method, forKey: id) == nil, "an id used twice: \(text)")
        seen.insert(method)
      case "S":
        guard case .reply(let id) = try ServerFrame(frame: text.frame) else {
          #expect(try Reencoding.push(text.frame).frame.text == (try JSON.canonical(text)))
          continue
        }
        let method = try #require(asked[id], "an answer to no question: \(text)")
        #expect(try Reencoding.reply(text.frame, to: method).text == (try JSON.canonical(text)))
      default: Issue.record("neither the client nor the server says: \(line)")
      }
    }
    // What every client must be able to do; the rest has examples in its sections.
    #expect(
      seen == [
        "hello", "account.register", "session.login", "session.resume", "session.logout",
        "contacts.list", "message.send", "conversation.history", "conversation.mark_read",
      ])
  }

  @Test func theTableOfErrorsHasEveryCodeByItsName() {
    let rows = document.table("code", "name", "meaning", "what to do")
    let documented = rows.map { "\($0[0]) \($0[1])" }
    let known = ErrorCode.names.map { "\($0.key.rawValue) \($0.value)" }
    #expect(documented.sorted() == known.sorted())
  }

  @Test func theErrorsNamedWithTheRequestsExist() {
    let names = Set(ErrorCode.names.values)
    let lists = document.paragraphs(startingWith: "Errors: ")
    #expect(lists.count == ClientRequest.methods.count)
    for list in lists {
      // The odd pieces between back quotes are the quoted words.
      for (index, word) in list.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      where index % 2 == 1 && word.contains("_") {
        #expect(names.contains(String(word)), "\(list)")
      }
    }
  }

  @Test func theTableOfCloseCodesHasEveryOne() {
    let rows = document.table("code", "meaning", "what the client does")
    #expect(rows.compactMap { UInt16($0[0]) } == CloseCode.allCases.map(\.rawValue))
  }

  private func methods(of kind: String) -> [String] {
    document.blocks("json", kind).compactMap(\.tags.last).sorted()
  }
}
