import FoundationEssentials

/// What clients of this server have on their disks.
extension TestServer {
  /// The files of a profile in which a text stands, whatever the client thinks of the place.
  func profile(_ name: String, filesHolding text: String) throws -> [String] {
    let directory = "\(directory)/state/martlet/profiles/\(name)"
    return try FileManager.default.contentsOfDirectory(atPath: directory).filter { file in
      // One that has gone meanwhile holds nothing.
      guard let data = FileManager.default.contents(atPath: "\(directory)/\(file)") else {
        return false
      }
      return data.contains(text.utf8)
    }
  }

  /// Waits until a text is on disk.
  func waitForProfile(_ name: String, toHold text: String) async throws {
    try await Machine.eventually("\(text) on the disk of \(name)") {
      try profile(name, filesHolding: text).isEmpty ? nil : ()
    }
  }

  /// Waits until nothing of a text is on disk.
  func waitForProfile(_ name: String, toHoldNo text: String) async throws {
    let files = try profile(name, filesHolding: text)
    try await Machine.eventually("\(text) to go from the disk of \(name), where it is in \(files)")
    {
      try profile(name, filesHolding: text).isEmpty ? () : nil
    }
  }
}
