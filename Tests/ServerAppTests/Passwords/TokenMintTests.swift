import Testing

@testable import ServerApp

@Suite struct TokenMintTests {
  private let mint = TokenMint()

  @Test func tokensAreFortyThreeCharactersOfBase64URL() {
    let token = mint.mint().token
    #expect(token.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
  }

  @Test func noTwoTokensAreTheSame() {
    #expect(Set((1...1000).map { _ in mint.mint().token }).count == 1000)
  }

  @Test func theHashIsThatOfTheToken() {
    let minted = mint.mint()
    #expect(minted.hash == mint.hash(of: minted.token))
    #expect(minted.hash != mint.hash(of: minted.token + "x"))
  }

  /// FIPS 180-4's example.
  @Test func theHashIsSHA256() {
    let digest = mint.hash(of: "abc").map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    #expect(
      digest.joined() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
