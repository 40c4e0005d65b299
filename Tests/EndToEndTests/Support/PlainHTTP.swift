import Glibc

/// HTTP by blocking calls, so that a test holds no more of a large file than the programs should.
struct PlainHTTP {
  private let socket: Int32
  private static let chunk = 64 * 1024

  init(port: Int) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure("cannot connect to \(port)") }
  }

  func close() { _ = Glibc.close(socket) }

  /// Writes the head of a request.
  func head(_ line: String, _ headers: [String]) throws {
    let lines = ["\(line) HTTP/1.1", "Host: localhost"] + headers
    try write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
  }

  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure("the server takes nothing more") }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes so many zeros.
  func writeZeros(_ count: Int) throws {
    let zeros = [UInt8](repeating: 0, count: Self.chunk)
    var left = count
    while left > 0 {
      try write(left < Self.chunk ? Array(zeros[..<left]) : zeros)
      left -= Self.chunk
    }
  }

  /// Reads to the end; returns the beginning of it, and how long it is.
  func readToEnd() throws -> (beginning: String, count: Int) {
    var beginning: [UInt8] = []
    var total = 0
    var buffer = [UInt8](repeating: 0, count: Self.chunk)
    while true {
      let count = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
      guard count >= 0 else { throw Failure("the server broke off") }
      guard count > 0 else { return (String(decoding: beginning, as: UTF8.self), total) }
      if beginning.count < 1000 { beginning += buffer[..<count].prefix(1000) }
      total += count
    }
  }
}
