public import CoreMetrics

/// Where the server counts what ``Measure`` says. They say nothing until `MetricsSystem` has a factory.
public enum Measures {
  public static let messages = counter(.messages)
  public static let acknowledgement = timer(.acknowledgement)
  public static let commitMessages = recorder(.commitMessages)
  public static let commit = timer(.commit)
  public static let slowReaders = counter(.slowReaders)
  public static let droppedPushes = counter(.droppedPushes)
  public static let receivedAttachmentBytes = counter(.receivedAttachmentBytes)
  public static let sentAttachmentBytes = counter(.sentAttachmentBytes)
  static let search = timer(.search)
  static let registrations = counter(.registrations)
  static let signIns = counter(.signIns)
  static let unknownNames = failures(.unknownName)
  static let wrongPasswords = failures(.wrongPassword)
  static let tooManyAttempts = failures(.tooManyAttempts)

  public static let connections = gauge(.connections)
  public static let signedInConnections = gauge(.signedInConnections)
  public static let signedInUsers = gauge(.signedInUsers)
  public static let queuedMessages = gauge(.queuedMessages)
  public static let databaseUp = gauge(.databaseUp)
  public static let residentMemory = gauge(.residentMemory)
  public static let processorTime = gauge(.processorTime)
  public static let startTime = gauge(.startTime)

  private static func counter(_ measure: Measure) -> Counter { Counter(label: measure.rawValue) }
  private static func gauge(_ measure: Measure) -> Meter { Meter(label: measure.rawValue) }
  private static func timer(_ measure: Measure) -> Timer { Timer(label: measure.rawValue) }
  private static func recorder(_ measure: Measure) -> Recorder {
    Recorder(label: measure.rawValue)
  }

  private static func failures(_ reason: Measure.SignInFailure) -> Counter {
    Counter(label: Measure.signInFailures.rawValue, dimensions: [("reason", reason.rawValue)])
  }
}

extension Timer {
  /// Records how long it is since a moment.
  public func record(since start: ContinuousClock.Instant) {
    let passed = start.duration(to: .now).components
    recordNanoseconds(passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000)
  }
}
