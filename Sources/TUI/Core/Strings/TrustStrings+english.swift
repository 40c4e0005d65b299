extension TrustStrings {
  static let english = TrustStrings(
    encrypted: "TLS",
    notEncrypted: "not encrypted",
    othersMayRead: "Not encrypted: others on the way can read everything.",
    notTrusted: "not trusted",
    speaksOnlyTLS: "The server speaks TLS only: its address begins with wss://.",
    // Not the advice to go without: whoever is on the way may be the one who answers.
    speaksNoTLS: "What answers speaks no TLS: ask the server's operator.",
    unknownTitle: "Unknown server",
    unknown: { "The authenticity of '\($0)' can't be established." },
    fingerprint: "The fingerprint of its key is",
    compare: "Compare it with the one that the server's operator tells you.",
    prompt: "Continue connecting (yes/no/fingerprint)?",
    yeses: ["yes"],
    noes: ["no", "n"],
    answerYesOrNo: "Please type yes, no or the fingerprint.",
    notKept: "The key could not be written down: you will be asked again.",
    refusedTitle: "Connection refused",
    changed: "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!",
    eavesdropping: "Someone could be eavesdropping on you right now (man-in-the-middle attack)! "
      + "It is also possible that the host key has just been changed.",
    remove: {
      "If the server's operator says that it has, remove line \($0) of \($1) and press Enter."
    },
    outOfDate: "The server's certificate has expired or is not valid yet. Check the clock of this "
      + "machine, or tell the server's operator.",
    otherName: { "The server's certificate is not for '\($0)': another server answers there." },
    nothingSent: "Nothing was sent to the server.",
    barRetry: "try again"
  )
}
