import MartletProtocol

extension DatabaseRows {
  /// The statements that dump the database, for `psql` to run in one transaction: rows in the text
  /// form of COPY, each led by the name of its table.
  public static let dumpScript = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    COPY (
      SELECT 'conversation', id, last_sequence, cleared_sequence,
        (SELECT string_agg(user_id::text, ',') FROM members WHERE conversation_id = id)
      FROM conversations ORDER BY id
    ) TO STDOUT;
    COPY (
      SELECT 'message', conversation_id, sequence, sender_id, key, body FROM messages
      ORDER BY conversation_id, sequence
    ) TO STDOUT;
    COPY (
      SELECT 'key', conversation_id, sequence, sender_id, key FROM message_keys
      ORDER BY conversation_id, sequence
    ) TO STDOUT;
    COMMIT;
    """

  /// Reads what ``dumpScript`` printed.
  ///
  /// - Throws: ``Journal/Damage`` when it is not whole.
  public init(dump: String) throws(Journal.Damage) {
    for (index, line) in dump.split(separator: "\n").enumerated() {
      guard add(line.split(separator: "\t", omittingEmptySubsequences: false)) else {
        throw Journal.Damage(description: "line \(index + 1) of the database's dump is no row")
      }
    }
  }

  private mutating func add(_ fields: [Substring]) -> Bool {
    // What psql says of BEGIN and COMMIT.
    guard fields.count > 1 else { return true }
    guard fields.count >= 5, let conversation = Int64(fields[1]), let sequence = Int64(fields[2]),
      let number = Int64(fields[3])
    else { return false }
    let place = Place(ConversationID(conversation), MessageSequence(sequence))
    if fields[0] == "conversation" {
      conversations[place.conversation] = Conversation(
        last: place.sequence, cleared: MessageSequence(number),
        members: Set(fields[4].split(separator: ",").compactMap { Int64($0) }.map(UserID.init)))
      return true
    }
    guard let key = IdempotencyKey(fields[4]) else { return false }
    let name = MessageName(UserID(number), key)
    switch (fields[0], fields.count) {
    case ("key", 5): keys.append(Key(name: name, place: place))
    case ("message", 6):
      guard let text = EscapedText.unescape(fields[5]) else { return false }
      messages.append(Stored(place: place, name: name, digest: TextDigest(of: text)))
    case _: return false
    }
    return true
  }
}
