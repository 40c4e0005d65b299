/// The head of a WAV file of so many bytes, one channel of eight bits: any bytes may follow.
public func wavHead(size: Int) -> [UInt8] {
  let little = { (value: Int, bytes: Int) in
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  var head = Array("RIFF".utf8) + little(size - 8, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
  head += little(1, 2) + little(1, 2) + little(8000, 4) + little(8000, 4) + little(1, 2)
  return head + little(8, 2) + Array("data".utf8) + little(size - 44, 4)
}
