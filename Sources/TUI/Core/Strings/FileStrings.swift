/// What the interface says about files.
struct FileStrings: Sendable {
  // Sending.
  let sendTitle: String
  let sendQuestion: @Sendable (String) -> String
  let sendQuestionToAll: String
  let sendNeedsPath: String
  let noFileFits: String
  let fileMissing: String
  let fileNotRegular: String
  let noPermission: String
  let noSpace: String
  let readOnly: String
  let damagedDisk: String
  let systemProblem: @Sendable (String) -> String
  let fileEmpty: String
  let fileChanged: String
  let formatNotAllowed: String
  let imageTooLarge: @Sendable (String, String) -> String
  let audioTooLarge: @Sendable (String, String) -> String

  // What the server says.
  let tooLarge: String
  let damaged: @Sendable (String) -> String
  let quotaExceeded: String
  let fileGone: String
  let nameInvalid: String
  let answerNotUnderstood: String

  // Transfers.
  let transferCancelled: String
  let noTransfer: String

  // Receiving.
  let noAttachment: String
  let noPicture: String
  let noSound: String
  let savedTo: @Sendable (String) -> String
  let cannotSave: @Sendable (String) -> String
  let openerMissing: @Sendable (String) -> String
  let openerFailed: @Sendable (String) -> String
  let notOpened: String
  let chafaMissing: String
  let pictureFailed: String
  let copied: String

  // Playing.
  let playing: String
  let playingWith: @Sendable (String) -> String
  let stopped: @Sendable (String) -> String
  let nothingPlays: String
  let playerFailed: @Sendable (String) -> String
  let playerMissing: @Sendable (String) -> String

  // The key bar, short.
  let barSave: String
  let barView: String
  let barPlay: String
  let barStop: String
  let barCopy: String
  let barRetry: String
  let barRemove: String

  // Commands that are typed.
  let usageSend: String
  let usageSave: String
  let slashSend: String
  let slashSave: String
  let slashOpen: String
  let slashView: String
  let slashPlay: String
  let slashStop: String

  // Keys.
  let helpOlder: String
  let helpNewer: String
  let helpPageOfOlder: String
  let helpPageOfNewer: String
  let helpOldest: String
  let helpNewest: String
  let helpActivate: String
  let helpView: String
  let helpPlay: String
  let helpSave: String
  let helpOpen: String
  let helpCopy: String
  let helpRetry: String
  let helpCancelTransfer: String
  let helpLeave: String
}
