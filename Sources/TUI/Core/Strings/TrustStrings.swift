/// The words about the way to the server and who is at its end: those of `ssh`, which people know.
struct TrustStrings: Sendable {
  // The title bar and the form.
  let encrypted: String
  let notEncrypted: String
  let othersMayRead: String
  let notTrusted: String
  let speaksOnlyTLS: String
  let speaksNoTLS: String

  // A server that is not known.
  let unknownTitle: String
  let unknown: @Sendable (String) -> String
  let fingerprint: String
  let compare: String
  let prompt: String
  let yeses: [String]
  let noes: [String]
  let answerYesOrNo: String
  let notKept: String

  // A server that is refused.
  let refusedTitle: String
  let changed: String
  let eavesdropping: String
  let remove: @Sendable (Int, String) -> String
  let outOfDate: String
  let otherName: @Sendable (String) -> String
  let nothingSent: String
  let barRetry: String
}
