/// Every word that the interface says. A language is a value of this type, so that none can lack one.
struct Strings: Sendable {
  // The connection.
  let connected: String
  let connecting: @Sendable (Int) -> String
  let waiting: @Sendable (Int64) -> String

  // The sign-in form.
  let signInTitle: String
  let registerTitle: String
  let fieldName: String
  let fieldPassword: String
  let fieldRepeat: String
  let fieldInvite: String
  let toRegister: String
  let toSignIn: String
  let signingIn: String
  let registering: String
  let willSignIn: String
  let nameMissing: String
  let passwordMissing: String
  let passwordTooShort: @Sendable (Int) -> String
  let passwordsDiffer: String
  let nameInvalid: String
  let nameTaken: String
  let passwordWeak: String
  let wrongCredentials: String
  let tooManyAttempts: @Sendable (Int) -> String
  let registrationClosed: String
  let inviteMissing: String
  let inviteInvalid: String
  let accountDisabled: String
  let muted: String
  let tokenRefused: String
  let sessionEnded: @Sendable (String) -> String
  let loggedOut: String

  // Files.
  let files: FileStrings

  // Who is at the other end.
  let trust: TrustStrings

  // Failures.
  let connectionLost: String
  let unavailable: String
  let textTooLong: String
  let textInvalid: String
  let recipientUnknown: String

  // The chat.
  let contactsTitle: String
  let online: String
  let offline: String
  let lastSeen: @Sendable (String) -> String
  let yesterday: String
  let isTyping: String
  let loading: String
  let loadFailed: String
  let loadWaits: String
  let beginning: String
  let missing: @Sendable (Int64, _ isOnline: Bool) -> String
  let newMessages: String
  let failed: String
  let retryHint: String
  let discarded: @Sendable (Int) -> String
  let isOnItsWay: String
  let unsentUnreadable: String
  let unsentDiskFull: String
  let unsentRefused: String
  let unsentSlow: String
  let cacheUnreadable: String
  let cacheDiskFull: String
  let cacheRefused: String
  let cacheNotErased: String
  let unread: @Sendable (Int) -> String
  let below: String
  let noConversation: String
  let noContacts: String
  let emptyConversation: String
  let tooSmall: String

  // Notices.
  let chooseContact: String
  let unknownCommand: @Sendable (String) -> String
  let didYouMean: @Sendable (String, String) -> String
  let nobodyNamed: @Sendable (String) -> String
  let messageNeedsName: String
  let pasteTooLong: String
  let noUnread: String
  let nothingFailed: String
  let quitAgain: String
  let cleared: String

  // Searching.
  let searchHint: String
  let results: @Sendable (Int, Bool) -> String
  let resultsHeld: @Sendable (Int) -> String
  let noResults: @Sendable (String) -> String
  let searching: String
  let searchWaits: String
  let queryInvalid: String
  let queryTooLong: String
  let searchNeedsWords: String
  let hitGone: String
  let everywhereTitle: String

  // Clearing.
  let clearingTitle: String
  let clearingQuestion: @Sendable (String) -> String
  let clearingPrompt: String
  let clearingAnswers: [String]
  let clearingUnderWay: String
  let historyKept: String
  let nothingToClear: String
  let historyCleared: String
  let historyClearedWith: @Sendable (String) -> String

  // Devices and the password.
  let sessionsTitle: String
  let thisDevice: String
  let signedInOn: @Sendable (String) -> String
  let lastUsed: @Sendable (String) -> String
  let revokeQuestion: @Sendable (String) -> String
  let sessionRevoked: @Sendable (String) -> String
  let sessionIsThis: String
  let sessionUnknown: String
  let namelessDevice: String
  let passwordTitle: String
  let fieldCurrentPassword: String
  let fieldNewPassword: String
  let fieldNewPasswordAgain: String
  let passwordHint: String
  let passwordUnderWay: String
  let passwordChanged: String
  let currentPasswordWrong: String
  let notKnownByServer: String

  // Overlays.
  let helpTitle: String
  let helpCommands: String
  let quitTitle: String
  let quitQuestion: String
  let quitUnsent: @Sendable (Int) -> String
  let quitKeys: String
  let switcherTitle: String
  let noMatch: String

  // The key bar, short.
  let barSend: String
  let barComplete: String
  let barNextUnread: String
  let barHelp: String
  let barOpen: String
  let barSwitcher: String
  let barNext: String
  let barRegister: String
  let barSignIn: String
  let barQuit: String
  let barClose: String
  let barRun: String
  let barOlder: String
  let barNewer: String
  let barContext: String
  let barHits: String
  let barBack: String
  let barEditQuery: String
  let barRevoke: String
  let barConfirm: String
  let barCancel: String
  let barSelect: String
  let barSearch: String
  let barScroll: String
  let barContacts: String

  // Commands that are typed.
  let usageMessage: String
  let usageSearch: String
  let slashHelp: String
  let slashMessage: String
  let slashClear: String
  let slashSearch: String
  let slashClearHistory: String
  let slashSessions: String
  let slashPassword: String
  let slashReconnect: String
  let slashLogout: String
  let slashQuit: String

  // Keys.
  let helpHelp: String
  let helpInterrupt: String
  let helpRedraw: String
  let helpSuspend: String
  let helpQuit: String
  let helpSubmit: String
  let helpNextField: String
  let helpPreviousField: String
  let helpToggleRegistration: String
  let helpSend: String
  let helpNewline: String
  let helpComplete: String
  let helpLineUp: String
  let helpLineDown: String
  let helpLeftOrContacts: String
  let helpLineEndOrBottom: String
  let helpPageUp: String
  let helpPageDown: String
  let helpBack: String
  let helpOpenSelected: String
  let helpSelectNext: String
  let helpSelectPrevious: String
  let helpSelectPageDown: String
  let helpSelectPageUp: String
  let helpSelectFirst: String
  let helpSelectLast: String
  let helpBackToInput: String
  let helpNextConversation: String
  let helpPreviousConversation: String
  let helpNextUnread: String
  let helpFirstUnread: String
  let helpLastConversation: String
  let helpSwitcher: String
  let helpToggleContacts: String
  let helpRetryFailed: String
  let helpDiscardFailed: String
  let helpSearch: String
  let helpRunSearch: String
  let helpOlderHit: String
  let helpNewerHit: String
  let helpOpenHit: String
  let helpPageOfOlderHits: String
  let helpPageOfNewerHits: String
  let helpEditQuery: String
  let helpCloseSearch: String
  let helpShortenFilter: String
  let helpCancel: String
  let helpRevokeSession: String
  let helpConfirmRevocation: String
  let helpConversation: String
  let helpLineStart: String
  let helpLineEnd: String
  let helpLeft: String
  let helpRight: String
  let helpWordLeft: String
  let helpWordRight: String
  let helpBackspace: String
  let helpDelete: String
  let helpKillWordLeft: String
  let helpKillWordRight: String
  let helpKillToLineStart: String
  let helpKillToLineEnd: String
  let helpYank: String
  let helpClose: String
  let helpConfirm: String
  let helpScrollDown: String
  let helpScrollUp: String
  let helpHelpStart: String
  let helpHelpEnd: String

  // The calendar, from Sunday.
  let weekdays: [String]
  let weekdaysShort: [String]
  let date: @Sendable (Int, String, String, String) -> String

  /// The words of a language.
  static func inLanguage(_ language: Language) -> Strings {
    switch language {
    case .english: english
    case .chinese: chinese
    }
  }
}
