public import MartletProtocol

/// What one connection may do next. It decides; whoever holds it performs.
public struct SessionStateMachine: Sendable {
  /// Where a connection stands.
  public enum State: Hashable, Sendable {
    /// Connected; `hello` must come first.
    case awaitingHello
    /// `hello` is being answered.
    case greeting
    /// Greeted; an account may be made, and somebody must sign in.
    case awaitingSignIn
    /// An account is being made or somebody is being signed in; nothing else runs meanwhile.
    case signingIn
    /// Everything but signing in again is allowed.
    case signedIn(SignedIn)
    /// The connection is being closed; whatever still arrives is ignored.
    case closed
  }

  /// What to do with a frame.
  public enum Decision: Sendable {
    /// Do nothing.
    case ignore
    /// Answer with a refusal.
    case refuse(RequestID?, RPCError)
    /// Run it, then call ``answered(signedIn:)`` or another of the methods that end a request.
    case greet(RequestID?, Hello)
    /// Run it; nobody is signed in yet.
    case signIn(RequestID?, SignInRequest)
    /// Run it for somebody signed in.
    case run(RequestID?, SignedInRequest, as: SignedIn)
  }

  /// Where the connection stands.
  public private(set) var state = State.awaitingHello
  /// How many requests are waiting for their answers.
  public private(set) var pending = 0
  private var isDraining = false
  private let limits: Limits

  public init(limits: Limits) {
    self.limits = limits
  }

  /// Whether nobody has signed in, and it is the client's turn to do something about it.
  public var isOverdueSignIn: Bool {
    switch state {
    case .awaitingHello, .awaitingSignIn: true
    case .greeting, .signingIn, .signedIn, .closed: false
    }
  }

  /// Who is signed in, if anybody.
  public var signedIn: SignedIn? {
    guard case .signedIn(let signedIn) = state else { return nil }
    return signedIn
  }

  /// Whether everything begun before ``drain()`` has been answered.
  public var isDrained: Bool { isDraining && pending == 0 }

  /// A request arrived.
  public mutating func received(_ incoming: IncomingRequest) -> Decision {
    if case .closed = state { return .ignore }
    // Not begun and not answered: the client asks again when it comes back.
    guard !isDraining else { return .ignore }
    switch incoming.request {
    case .failure(let error): return refuse(incoming, error)
    case .success(let request):
      guard pending < limits.pendingRequests else {
        return refuse(
          incoming,
          RPCError(
            .overloaded, "Too many requests are waiting for their answers; wait for some.",
            retryAfter: 100))
      }
      return decide(request, incoming)
    }
  }

  private mutating func decide(
    _ request: ClientRequest, _ incoming: IncomingRequest
  ) -> Decision {
    switch (ClassifiedRequest(request), state) {
    case (_, .closed):
      return .ignore
    case (.greeting(let hello), .awaitingHello):
      state = .greeting
      pending += 1
      return .greet(incoming.id, hello)
    case (.greeting, _):
      return refuse(incoming, RPCError(.alreadySaidHello, "'hello' comes once per connection."))
    case (_, .awaitingHello), (_, .greeting):
      return refuse(incoming, RPCError(.helloRequired, "Say 'hello' first."))
    case (.signIn(let request), .awaitingSignIn):
      state = .signingIn
      pending += 1
      return .signIn(incoming.id, request)
    case (.signIn, .signingIn), (.signIn, .signedIn):
      return refuse(
        incoming,
        RPCError(.alreadySignedIn, "This connection is signed in, or about to be."))
    case (.signedIn(let request), .signedIn(let signedIn)):
      pending += 1
      return .run(incoming.id, request, as: signedIn)
    case (.signedIn, .awaitingSignIn), (.signedIn, .signingIn):
      return refuse(incoming, RPCError(.signInRequired, "Sign in first."))
    }
  }

  private func refuse(_ incoming: IncomingRequest, _ error: RPCError) -> Decision {
    incoming.isNotification ? .ignore : .refuse(incoming.id, error)
  }

  /// `hello` was answered.
  public mutating func greeted(successfully: Bool) {
    pending -= 1
    guard case .greeting = state else { return }
    state = successfully ? .awaitingSignIn : .awaitingHello
  }

  /// A request to sign in or to register was answered; `signedIn` says who, if anybody.
  public mutating func answered(signedIn: SignedIn?) {
    pending -= 1
    guard case .signingIn = state else { return }
    state = signedIn.map(State.signedIn) ?? .awaitingSignIn
  }

  /// Another request was answered.
  public mutating func answered() {
    pending -= 1
  }

  /// The server is about to stop: nothing new is begun, what was begun is finished.
  public mutating func drain() {
    isDraining = true
  }

  /// The connection is being closed. Returns who was signed in until now.
  public mutating func close() -> SignedIn? {
    let signedIn = signedIn
    state = .closed
    return signedIn
  }
}
