import Glibc
import TestSupport
import Testing

@testable import ServerApp

@Suite struct ServiceManagerTests {
  /// systemd's end of the socket.
  private final class Socket {
    let path: String
    private let descriptor: Int32

    /// - Parameter isAbstract: in the namespace without files; the path begins with `@` then.
    init(isAbstract: Bool = false) throws {
      let file = try TestDirectory.make("n")
      path = isAbstract ? "@" + file : file
      descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      var bytes = Array(path.utf8)
      if isAbstract { bytes[0] = 0 }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
      let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
      }
      guard result == 0 else { throw Failure("cannot bind \(path)") }
    }

    deinit { close(descriptor) }

    /// What has come; `nil` when nothing has.
    func next() -> String? {
      var buffer = [UInt8](repeating: 0, count: 1000)
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
  }

  @Test(arguments: [false, true]) func theSocketHearsOfEachState(isAbstract: Bool) throws {
    let socket = try Socket(isAbstract: isAbstract)
    let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.path])
    manager.tell(.ready, status: "Serving.")
    manager.tell(.alive)
    manager.tell(.reloading)
    manager.tell(.stopping)
    #expect(socket.next() == "READY=1\nSTATUS=Serving.")
    #expect(socket.next() == "WATCHDOG=1")
    #expect(socket.next()?.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=\d+/) != nil)
    #expect(socket.next() == "STOPPING=1")
    #expect(socket.next() == nil)
  }

  @Test(arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/nowhere/at/all"]])
  func whoHasNoServiceManagerTellsNobody(environment: [String: String]) {
    ServiceManager(environment: environment).tell(.ready)
  }

  @Test func theWatchdogWantsToHearOfThisProcessOnly() {
    let interval = { ServiceManager(environment: $0).watchdogInterval }
    #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(30))
    #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"]) == .seconds(30))
    #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]) == nil)
    #expect(interval([:]) == nil)
    #expect(interval(["WATCHDOG_USEC": "0"]) == nil)
    #expect(interval(["WATCHDOG_USEC": "soon"]) == nil)
  }
}
