/// What a key can be bound to.
enum Command: Hashable, Sendable {
  // Everywhere.
  case help, redraw, suspend, quit
  /// Clears the text being written; twice on an empty one asks whether to quit.
  case interrupt

  // Writing.
  case edit(Edit)

  // The sign-in form.
  case nextField, previousField, submit, toggleRegistration

  // The chat.
  case nextConversation, previousConversation, lastConversation
  case nextUnread, firstUnread
  /// The so-manieth conversation of the list, from 1.
  case conversation(Int)
  case toggleContacts, switcher, retryFailed, discardFailed

  // The input line.
  case send, complete, lineUp, lineDown, leftOrContacts, lineEndOrBottom, back
  case pageUp, pageDown

  // The contacts pane.
  case selectNext, selectPrevious, selectPageDown, selectPageUp, selectFirst, selectLast
  case openSelected, backToInput

  /// Takes back the last character of the filter.
  case shortenFilter

  // Messages and their files.
  case message(MessageCommand)

  // Searching.
  case search, runSearch, editQuery, closeSearch
  case olderHit, newerHit, pageOfOlderHits, pageOfNewerHits, openHit

  // Dialogs.
  case submitDialog, nextDialogField, previousDialogField
  case nextSession, previousSession, revokeSession, confirmRevocation, closeSessions

  // Overlays.
  case close, confirm, scrollHelpDown, scrollHelpUp, pageHelpDown, pageHelpUp
  case helpStart, helpEnd
  case switchToSelected, switcherNext, switcherPrevious
}

/// What a key does in message mode, or over a picture.
enum MessageCommand: Hashable, Sendable {
  // Which message.
  case older, newer, pageOfOlder, pageOfNewer, oldest, newest
  case leave

  // What to do with it.
  /// Shows its picture or plays its sound; without a file, leaves.
  case activate
  case save, open, view, play, copy
  /// Sends it again, if it has failed or waits.
  case retry
  /// Ends the transfer of its file; takes a message of one's own back that is not on its way.
  case cancel
}
