import Configuration
import FoundationEssentials
import MartletProtocol
import SystemPackage

/// What an operator has set, each value checked, and where it was: the command line counts before the
/// environment, and that before the file.
struct Settings: Sendable {
  /// Where a value is from.
  enum Source: Equatable, CustomStringConvertible {
    case flag, environment, file(String), usual

    var description: String {
      switch self {
      case .flag: "the command line"
      case .environment: "the environment"
      case .file(let path): path
      case .usual: "the default"
      }
    }
  }

  struct Value: Equatable {
    let text: String
    let source: Source
  }

  /// The file that is read when none is named, if there is one.
  static let usualFile = "/etc/martlet/martletd.conf"
  static let prefix = "MARTLET_"
  /// Names the file; in a file it would say nothing.
  static let fileVariable = prefix + "CONFIG"
  /// What other programs read, too. It counts as the environment's, after `MARTLET_DATABASE_URL`.
  private static let databaseVariable = "DATABASE_URL"

  private var values: [Setting: Value] = [:]
  /// The file that was read.
  let file: String?

  /// Reads and checks everything.
  ///
  /// - Throws: ``OperatorError`` for a file that cannot be read, a name that is none, a value that is none.
  init(flags: SettingFlags, environment: [String: String]) async throws(OperatorError) {
    file = Self.file(named: flags.config ?? environment[Self.fileVariable])
    try Self.checkNames(in: environment)
    let sources = try await Self.sources(flags, environment, file: file)
    for setting in Setting.allCases {
      let found = sources.lazy.compactMap { source, reader in
        reader.string(forKey: ConfigKey(Self.key(setting).components), isSecret: setting.isSecret)
          .map { Value(text: $0, source: source) }
      }
      .first
      values[setting] = found ?? setting.usual.map { Value(text: $0, source: .usual) }
    }
    if let url = environment[Self.databaseVariable], !url.isEmpty, isUnsetOrOfFile(.databaseURL) {
      values[.databaseURL] = Value(text: url, source: .environment)
    }
    for setting in Setting.allCases {
      guard let value = values[setting], let problem = setting.problem(with: value.text) else {
        continue
      }
      let shown = setting.isSecret ? "" : " is “\(value.text)”"
      throw OperatorError("\(Self.name(setting, in: value.source))\(shown): \(problem).")
    }
  }

  /// The value of a setting, and where it is from; `nil` where it has none.
  subscript(_ setting: Setting) -> Value? { values[setting] }

  func text(_ setting: Setting) -> String? { values[setting]?.text }

  func isOn(_ setting: Setting) -> Bool { text(setting).flatMap(Setting.truth) ?? false }

  /// A number that was checked; 0 where none is set.
  func number(_ setting: Setting) -> Int64 { text(setting).flatMap { Int64($0) } ?? 0 }

  /// What has another value there.
  func differences(from other: Settings) -> [Setting] {
    Setting.allCases.filter { text($0) != other.text($0) }
  }

  /// These, but the others' where a running server does not take a new value.
  func keeping(late others: Settings) -> Settings {
    var kept = self
    for setting in Setting.allCases where !setting.isReloadable {
      kept.values[setting] = others[setting]
    }
    return kept
  }

  private func isUnsetOrOfFile(_ setting: Setting) -> Bool {
    switch values[setting]?.source {
    case .file, .usual, nil: true
    case .flag, .environment: false
    }
  }

  /// Those that count first come first.
  private static func sources(
    _ flags: SettingFlags, _ environment: [String: String], file: String?
  ) async throws(OperatorError) -> [(Source, ConfigReader)] {
    let given = Dictionary(
      uniqueKeysWithValues: flags.given.map {
        (key($0), ConfigValue(.string($1), isSecret: $0.isSecret))
      })
    let variables = EnvironmentVariablesProvider(environmentVariables: environment)
    var sources: [(Source, ConfigReader)] = [
      (.flag, ConfigReader(provider: InMemoryProvider(values: given))),
      (.environment, ConfigReader(provider: variables)),
    ]
    if let file { sources.append((.file(file), try await reader(of: file))) }
    return sources
  }

  // MARK: Names

  /// As the provider of environment variables spells it.
  private static func key(_ setting: Setting) -> AbsoluteConfigKey {
    AbsoluteConfigKey(["martlet", setting.rawValue])
  }

  private static func name(_ setting: Setting, in source: Source) -> String {
    switch source {
    case .flag, .usual: "--\(setting.rawValue)"
    case .environment: setting.variable
    case .file(let path): "\(path): \(setting.variable)"
    }
  }

  /// How many letters a name in the environment may differ in from a setting's and still be meant for one.
  private static let typo = 3

  private static func checkNames(in environment: [String: String]) throws(OperatorError) {
    for name in environment.keys.sorted() where name.hasPrefix(prefix) {
      // Others are the client's.
      guard name != fileVariable, let nearest = nearest(to: name), nearest.distance <= typo else {
        continue
      }
      try check(name: name, in: .environment)
    }
  }

  private static func check(name: String, in source: Source) throws(OperatorError) {
    guard !Setting.allCases.contains(where: { $0.variable == name }),
      let nearest = nearest(to: name)
    else { return }
    throw OperatorError(
      "\(source) has \(name), which is no setting. Did you mean \(nearest.name)?")
  }

  private static func nearest(to name: String) -> (name: String, distance: Int)? {
    Setting.allCases.map { ($0.variable, editDistance(Array(name), Array($0.variable))) }
      .min { $0.1 < $1.1 }
  }

  // MARK: The file

  private static func file(named name: String?) -> String? {
    if let name { return name }
    return FileManager.default.fileExists(atPath: usualFile) ? usualFile : nil
  }

  private static func reader(of path: String) async throws(OperatorError) -> ConfigReader {
    do {
      // Its errors say what the matter is, in fewer words.
      try FileDescriptor.open(FilePath(path), .readOnly).close()
      let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      try checkLines(of: text, in: path)
      return ConfigReader(
        provider: try await EnvironmentVariablesProvider(environmentFilePath: FilePath(path)))
    } catch let error as OperatorError {
      throw error
    } catch {
      throw OperatorError(
        "The settings in \(path) cannot be read: \(OperatorError.words(of: error)).")
    }
  }

  /// The library passes over lines that it does not understand. An operator wants to hear of them.
  private static func checkLines(of text: String, in path: String) throws(OperatorError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.trimmed
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(\.trimmed)
      guard parts.count == 2 else {
        throw OperatorError("\(path):\(index + 1) is no NAME=value and no # comment.")
      }
      try check(name: parts[0], in: .file("\(path):\(index + 1)"))
      guard !parts[1].isEmpty, !parts[1].hasPrefix("\""), !parts[1].hasPrefix("'") else {
        throw OperatorError(
          "\(path):\(index + 1): write \(parts[0])=value, without quotation marks, or leave the line out."
        )
      }
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    let start = drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}
