import ArgumentParser
import FoundationEssentials
import Logging

/// `martletd config`: what is set, and whether it can be.
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at the settings.", subcommands: [Check.self], defaultSubcommand: Check.self)

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the settings, and print each with where it is from.",
      discussion:
        "Takes the flags of `serve`. Ends with 1 when the server would not start with them.")

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run() async throws {
      do throws(OperatorError) {
        let settings = try await Settings(
          flags: flags, environment: ProcessInfo.processInfo.environment)
        print(try json ? settings.json : settings.table)
        let configuration = try ServerConfiguration(settings)
        _ = try Listener.resolve(
          configuration.listen,
          allowingPlaintext: configuration.allowsPlaintext || configuration.tls != nil)
        _ = try configuration.tls?.load(logger: .onStandardError(.warning))
        try configuration.tls?.checkExpiry()
      } catch {
        throw error.report()
      }
    }
  }
}

extension Settings {
  private static let hidden = "(hidden)"

  private struct Row: Encodable {
    let name: String
    let value: String?
    let source: String?
    let isReloadable: Bool

    private enum CodingKeys: String, CodingKey {
      case name, value, source
      case isReloadable = "reloadable"
    }
  }

  private var rows: [Row] {
    Setting.allCases.map { setting in
      let value = self[setting]
      return Row(
        name: setting.variable, value: setting.isSecret && value != nil ? Self.hidden : value?.text,
        source: value?.source.description, isReloadable: setting.isReloadable)
    }
  }

  var table: String {
    let rows = rows.map { ($0.name, $0.value ?? "", $0.source ?? "not set") }
    let widths = (rows.map(\.0.count).max() ?? 0, rows.map(\.1.count).max() ?? 0)
    let padded = { (text: String, width: Int) in
      text + String(repeating: " ", count: width + 2 - text.count)
    }
    return rows.map { padded($0, widths.0) + padded($1, widths.1) + $2 }.joined(separator: "\n")
  }

  var json: String {
    get throws(OperatorError) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      do {
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
      } catch {
        throw OperatorError("The settings cannot be written as JSON: \(error)")
      }
    }
  }
}
