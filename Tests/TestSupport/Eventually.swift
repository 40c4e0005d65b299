/// Waits until a condition gives a value.
///
/// For what happens in other processes, which tell nobody: so it is looked at often.
@discardableResult
public func eventually<Value>(
  isolation: isolated (any Actor)? = #isolation,
  _ what: String, _ condition: () async throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(30)
  while ContinuousClock.now < deadline {
    if let value = try await condition() { return value }
    try await Task.sleep(for: .milliseconds(10))
  }
  throw Failure("waited in vain for \(what)")
}
