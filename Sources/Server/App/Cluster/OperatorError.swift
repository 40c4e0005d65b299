/// What keeps the server from running, in one sentence that says what is wrong and what to do.
struct OperatorError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
