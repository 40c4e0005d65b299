import MartletProtocol

/// The question whether to send a file whose path was pasted.
struct SendQuestion: Hashable, Sendable {
  let file: LocalFile
  let target: Target
  /// What was pasted, and is in the input: it goes if the answer is yes.
  let text: String
}
