import MartletProtocol
import NIOHTTP1
import Testing

@testable import ServerApp

@Suite struct AttachmentRequestTests {
  private let id = AttachmentID(high: 0x0B5F_6A2E_91C4_4D0A, low: 0x8F3E_7D2C_1B0A_9E8D)

  private func request(
    _ method: HTTPMethod, _ uri: String, _ headers: HTTPHeaders = [:]
  ) throws(HTTPRefusal) -> AttachmentRequest {
    try AttachmentRequest(
      HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers))
  }

  @Test func everyRequestIsRead() throws {
    #expect(
      try request(.POST, "/v1/attachments?name=%E4%BC%9A%20a+b.png", ["Upload-Length": "7"])
        == .begin(name: "会 a+b.png", size: 7))
    #expect(
      try request(
        .PATCH, "/v1/attachments/\(id)", ["Upload-Offset": "5", "Content-Length": "6"])
        == .append(id, offset: 5, count: 6))
    #expect(try request(.HEAD, "/v1/attachments/\(id)") == .ask(id))
    #expect(try request(.DELETE, "/v1/attachments/\(id)") == .giveUp(id))
    #expect(try request(.GET, "/v1/attachments/\(id)") == .fetch(id))
  }

  @Test func aSizeBeyondAllNumbersIsTheLargest() throws {
    #expect(
      try request(.POST, "/v1/attachments?name=a", ["Upload-Length": "99999999999999999999"])
        == .begin(name: "a", size: .max))
  }

  @Test(arguments: ["%", "%4", "%4g", "%+1", "%C3", "%ED%A0%80"])
  func whatIsNoPercentEncodedTextIsRefused(_ name: String) throws {
    #expect(throws: HTTPRefusal.self) {
      try request(.POST, "/v1/attachments?name=\(name)", ["Upload-Length": "1"])
    }
  }

  @Test(
    arguments: [
      (nil, .all), ("bytes=0-", .part(0..<10)), ("bytes=9-", .part(9..<10)),
      ("bytes=10-", .unsatisfiable),
      ("bytes=2-4", .part(2..<5)), ("bytes=2-2", .part(2..<3)), ("bytes=2-10", .part(2..<10)),
      ("bytes=2-99999999999999999999", .part(2..<10)), ("Bytes=2-4", .part(2..<5)),
      ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=4-2", .all), ("bytes=-2", .all),
      ("bytes=", .all), ("bytes=-", .all), ("bytes=a-", .all), ("bytes=1-2,4-5", .all),
      ("bytes=+1-2", .all), ("lines=1-2", .all),
    ] as [(String?, ByteRange)])
  func rangesAreReadOrLeftAside(_ header: String?, _ range: ByteRange) {
    #expect(ByteRange(header: header, size: 10) == range)
  }
}
