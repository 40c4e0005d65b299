/// Which grams consecutive blocks may hold: a Bloom filter for each block, all filters side by side.
///
/// A filter has ``slices`` bits, four of which stand for a gram. Those of 8, 64 or 512 blocks are
/// transposed: all blocks' bits of one slice are beside each other, so that a search reads a few bytes for
/// many blocks ("bit-sliced signatures"; Goodwin and others, BitFunnel, SIGIR 2017, section 3). The bits of
/// one gram are all in one region of the filter, which is read at once ("blocked Bloom filter"; Putze, Sanders
/// and Singler, 2007).
///
/// Of blocks with 10,000 grams each, as 128 messages of 100 bytes have, a gram that is not there is taken to
/// be in about one of 200.
public struct SearchSignature: Equatable, Sendable {
  static let regions = 1024
  static let slicesOfRegion = 128
  private static let slices = regions * slicesOfRegion

  /// How many signatures make the next larger one.
  public static let fanOut = 8
  /// How many blocks the largest covers.
  public static let mostBlocks = 512

  /// How many blocks it covers: 1, 8, 64 or 512.
  public let blocks: Int
  /// For each slice a bit for each block, slice after slice. The first block has the lowest bit of the
  /// first byte.
  public let bytes: [UInt8]

  /// Reads one that was stored; `nil` if it cannot be.
  public init?(blocks: Int, bytes: [UInt8]) {
    guard [1, 8, 64, 512].contains(blocks), bytes.count == Self.slices / 8 * blocks else {
      return nil
    }
    (self.blocks, self.bytes) = (blocks, bytes)
  }

  /// The signature of the folded texts of one block.
  public init(of texts: some Sequence<String>) {
    var bytes = [UInt8](repeating: 0, count: Self.slices / 8)
    bytes.withUnsafeMutableBufferPointer { bytes in
      func set(_ slice: Int) { bytes[slice >> 3] |= 1 << UInt8(slice & 7) }
      for text in texts {
        Gram.forEach(in: text) { gram in
          let start = gram.region * Self.slicesOfRegion
          let slices = gram.slices
          set(start + slices.0)
          set(start + slices.1)
          set(start + slices.2)
          set(start + slices.3)
        }
      }
    }
    (blocks, self.bytes) = (1, bytes)
  }

  /// One signature for those of as many blocks each, up to ``fanOut`` of them in order. Where there is none,
  /// the blocks hold nothing.
  public init(merging parts: [SearchSignature?], ofBlocks size: Int) {
    precondition(parts.count <= Self.fanOut && parts.allSatisfy { $0?.blocks ?? size == size })
    blocks = size * Self.fanOut
    var bytes = [UInt8](repeating: 0, count: Self.slices * size)
    for (position, part) in parts.enumerated() {
      guard let part else { continue }
      if size == 1 {
        for slice in 0..<Self.slices {
          bytes[slice] |= (part.bytes[slice / 8] >> UInt8(slice % 8) & 1) << UInt8(position)
        }
      } else {
        let width = size / 8
        for slice in 0..<Self.slices {
          for byte in 0..<width {
            bytes[(slice * Self.fanOut + position) * width + byte] =
              part.bytes[slice * width + byte]
          }
        }
      }
    }
    self.bytes = bytes
  }

  /// How many bytes a region takes in the signature of one block.
  public static let bytesOfRegion = slicesOfRegion / 8

  /// Which of the blocks that a signature covers may hold all the grams, in ascending order.
  ///
  /// - Parameter regions: the regions of the grams, in their order, as the signature has them.
  public static func candidates(
    for grams: [Gram], ofBlocks blocks: Int, in regions: [UInt8]
  ) -> [Int] {
    let size = bytesOfRegion * blocks
    guard regions.count == grams.count * size else { return [] }
    var mask = [UInt8](repeating: .max, count: max(1, blocks / 8))
    for (position, gram) in grams.enumerated() {
      let slices = gram.slices
      for slice in [slices.0, slices.1, slices.2, slices.3] {
        if blocks == 1 {
          mask[0] &= regions[position * size + slice / 8] >> UInt8(slice % 8) & 1
        } else {
          for byte in mask.indices {
            mask[byte] &= regions[position * size + slice * mask.count + byte]
          }
        }
      }
    }
    return (0..<blocks).filter { mask[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
  }
}
