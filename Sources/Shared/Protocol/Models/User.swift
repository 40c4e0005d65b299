/// A registered account as others see it.
public struct User: Codable, Hashable, Sendable {
  /// The account's permanent number.
  public let id: UserID
  /// The account's name, in the form its owner chose, NFKC-normalised.
  public let name: String

  public init(id: UserID, name: String) {
    self.id = id
    self.name = name
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(UserID.self, forKey: .id)
    name = try container.decodeText(forKey: .name, atMost: AccountName.maximumBytes)
  }

  private enum CodingKeys: String, CodingKey {
    case id, name
  }
}
