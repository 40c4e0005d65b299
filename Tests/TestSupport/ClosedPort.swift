import Glibc
public import MartletClient

/// A port on loopback at which nothing listens and, for as long as this lives, nothing can: other
/// tests would take a port that is merely free.
public final class ClosedPort: Sendable {
  public let address: ServerAddress
  private let descriptor: Int32

  public init() throws {
    // Bound, and never listened on: whoever connects is refused.
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("no socket") }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (bound, named) = withUnsafeMutablePointer(to: &name) { [descriptor] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        (bind(descriptor, address, length), getsockname(descriptor, address, &length))
      }
    }
    guard bound == 0, named == 0 else { throw Failure("no port") }
    address = try ServerAddress(host: "127.0.0.1", port: Int(UInt16(bigEndian: name.sin_port)))
  }

  deinit { close(descriptor) }
}
