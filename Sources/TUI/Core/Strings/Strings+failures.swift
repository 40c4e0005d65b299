import MartletProtocol

extension Strings {
  /// What went wrong and what to do, in the user's language; the server's own words for a code that
  /// this client does not know.
  func explain(_ failure: RequestFailure) -> String {
    guard case .refused(let error) = failure else { return connectionLost }
    return switch error.code {
    case .invalidName: nameInvalid
    case .nameTaken: nameTaken
    case .weakPassword: passwordWeak
    case .wrongCredentials: wrongCredentials
    case .tooManyAttempts: tooManyAttempts((error.retryAfter ?? 0) / 1000)
    case .registrationClosed: registrationClosed
    case .invalidInvite: inviteInvalid
    case .accountDisabled: accountDisabled
    case .muted: muted
    case .invalidToken, .signInRequired: tokenRefused
    case .unknownUser, .unknownConversation: recipientUnknown
    case .invalidText: textInvalid
    case .textTooLong: textTooLong
    case .invalidQuery: queryInvalid
    case .unknownSession: sessionUnknown
    case .unknownMethod: notKnownByServer
    case .unavailable, .overloaded: unavailable
    default: error.message
    }
  }

  /// Why a file of this machine cannot be used.
  func explain(_ problem: FileProblem) -> String {
    switch problem {
    case .missing: files.fileMissing
    case .notRegular: files.fileNotRegular
    case .noPermission: files.noPermission
    case .noSpace: files.noSpace
    case .readOnly: files.readOnly
    case .damagedDisk: files.damagedDisk
    case .system(let words): files.systemProblem(words)
    }
  }

  /// Why a file did not get here or there.
  func explain(_ failure: TransferFailure) -> String {
    switch failure {
    case .refused(let error):
      switch error.code {
      case .attachmentTooLarge: files.tooLarge
      case .unsupportedFormat: files.formatNotAllowed
      case .damagedAttachment: files.damaged(error.message)
      case .quotaExceeded: files.quotaExceeded
      case .unknownAttachment: files.fileGone
      case .invalidFileName: files.nameInvalid
      default: explain(RequestFailure.refused(error))
      }
    case .interrupted: connectionLost
    case .fileChanged: files.fileChanged
    case .file(let problem): explain(problem)
    case .notUnderstood: files.answerNotUnderstood
    }
  }

  /// Why a picture is not on the screen.
  func explain(_ failure: ViewerState.Failure) -> String {
    switch failure {
    case .transfer(let failure): explain(failure)
    case .picture(.programMissing): files.chafaMissing
    case .picture(.failed): files.pictureFailed
    }
  }

  /// What is wrong with the sign-in form.
  func explain(_ problem: SignInState.Problem) -> String {
    switch problem {
    case .nameMissing: nameMissing
    case .nameInvalid: nameInvalid
    case .passwordMissing: passwordMissing
    case .passwordTooShort(let minimum): passwordTooShort(minimum)
    case .passwordsDiffer: passwordsDiffer
    case .inviteMissing: inviteMissing
    case .tokenRefused: tokenRefused
    case .ended(.loggedOut): loggedOut
    case .ended(.byServer(let reason)): sessionEnded(reason)
    case .failed(let failure): explain(failure)
    }
  }

  /// What is wrong with the drafts and the outbox on disk.
  func explain(_ problem: SavingProblem) -> String {
    switch problem {
    case .unreadable: unsentUnreadable
    case .diskFull: unsentDiskFull
    case .refused: unsentRefused
    case .slow: unsentSlow
    }
  }

  /// What is wrong with the local history.
  func explain(_ problem: CacheProblem) -> String {
    switch problem {
    case .unreadable: cacheUnreadable
    case .diskFull: cacheDiskFull
    case .refused: cacheRefused
    case .notErased: cacheNotErased
    }
  }

  /// The name of a weekday, from 0 for Sunday; nothing for a number that is none.
  func weekday(_ number: Int) -> String {
    weekdays.indices.contains(number) ? weekdays[number] : ""
  }
}
