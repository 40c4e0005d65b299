import Glibc

/// A profile in use: its directory, locked so that no second client can take it. Two clients on one
/// machine therefore never share an identity by accident.
final class Profile: Sendable {
  /// How many clients can be open at once without naming their profiles.
  private static let maximumNumber = 99

  /// Which profile it is.
  let name: ProfileName
  /// Its directory, without a slash at the end.
  let directory: String
  /// Held for as long as the profile is in use; the system lets go of it when the process ends.
  private let lock: Int32

  private init(name: ProfileName, directory: String, lock: Int32) {
    self.name = name
    self.directory = directory
    self.lock = lock
  }

  deinit { close(lock) }

  /// Takes a profile into use.
  ///
  /// - Parameters:
  ///   - name: The one asked for; `nil` takes `default`, or the first of `default-2`, `default-3` and
  ///     so on that nobody uses, so that the same command in a second terminal opens a second client.
  ///   - state: Where profiles are kept; see ``stateDirectory(in:)``.
  static func claim(_ name: ProfileName?, in state: String) throws(StartError) -> Profile {
    if let name {
      guard let profile = try lock(name, in: state) else {
        throw StartError(
          "The profile '\(name)' is in use by another martlet; choose another with --profile NAME.")
      }
      return profile
    }
    for number in 1...maximumNumber {
      if let profile = try lock(.standard.numbered(number), in: state) { return profile }
    }
    throw StartError(
      "All \(maximumNumber) default profiles are in use; choose another with --profile NAME.")
  }

  /// Where Martlet keeps its state, by the XDG Base Directory Specification.
  static func stateDirectory(in environment: [String: String]) throws(StartError) -> String {
    // The specification has relative paths ignored.
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      return "\(state)/martlet"
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else {
      throw StartError("There is no place for martlet's state: set HOME or XDG_STATE_HOME.")
    }
    return "\(home)/.local/state/martlet"
  }

  /// Locks a profile, which is made when it is new; `nil` when another process has it.
  private static func lock(_ name: ProfileName, in state: String) throws(StartError) -> Profile? {
    let directory = "\(state)/profiles/\(name)"
    do throws(SystemError) {
      for parent in [state, "\(state)/profiles"] { try PrivateFile.makeOwnDirectory(parent) }
      try PrivateFile.makePrivateDirectory(directory)
      let path = "\(directory)/lock"
      let descriptor = try SystemError.check("open \(path)") {
        open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw SystemError(call: "flock \(path)", code: code)
      }
      return Profile(name: name, directory: directory, lock: descriptor)
    } catch {
      throw StartError("The profile '\(name)' cannot be used: \(error).")
    }
  }
}
