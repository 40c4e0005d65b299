import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@Suite struct RPCErrorTests {
  @Test func isWrittenWithoutDataWhenRepeatingIsNoUse() {
    #expect(
      WireCodec.encodeFailure(RPCError(.nameTaken, "That name is taken."), to: .number(7)).text
        == #"{"error":{"code":1101,"message":"That name is taken."},"id":7,"jsonrpc":"2.0"}"#)
  }

  @Test func saysWhenToTryAgain() {
    let error = RPCError(.unavailable, "Try again.", retryAfter: 1000)
    #expect(
      WireCodec.encodeFailure(error, to: .text("a")).text
        == #"{"error":{"code":1300,"data":{"retry_after":1000},"message":"Try again."},"id":"a","jsonrpc":"2.0"}"#
    )
  }

  @Test func hasAnExplicitNullForAnIDThatCouldNotBeRead() {
    #expect(
      WireCodec.encodeFailure(RPCError(.parseError, "?"), to: nil).text
        == #"{"error":{"code":-32700,"message":"?"},"id":null,"jsonrpc":"2.0"}"#)
  }

  @Test(arguments: [
    #"{"code":31337,"message":"new"}"#, #"{"code":31337,"message":"new","data":{}}"#,
    #"{"code":31337,"message":"new","data":null,"later":[1]}"#,
    #"{"code":31337,"message":"new","data":{"retry_after":null,"hint":"x"}}"#,
  ])
  func isReadWithCodesAndFieldsThatCameLater(_ text: String) throws {
    let error = try JSONDecoder().decode(RPCError.self, from: text.frame)
    #expect(error == RPCError(ErrorCode(rawValue: 31337), "new"))
  }

  @Test func theCodesHaveNamesAndAreDistinct() {
    #expect(Set(ErrorCode.names.values).count == ErrorCode.names.count)
    #expect(ErrorCode.nameTaken.description == "name_taken")
    #expect(ErrorCode(rawValue: 31337).description == "31337")
  }
}
