import Numerics
import Testing

@Suite struct BitDigestTests {
  private func digest(_ values: [UInt8]...) -> [UInt8] {
    var digest = BitDigest()
    for part in values { digest.update(part.span) }
    return digest.bytes
  }

  @Test(arguments: [1, 7, 8, 63, 64, 65, 200])
  func everyBitCounts(_ count: Int) {
    let values = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let whole = digest(values)
    #expect(whole == digest(values) && whole.count == 64)
    for bit in 0..<8 * count {
      var other = values
      other[bit / 8] ^= 1 << (bit % 8)
      #expect(digest(other) != whole, "bit \(bit)")
    }
  }

  @Test func orderAndLengthCount() {
    #expect(digest([1, 2]) != digest([2, 1]))
    #expect(digest([0]) != digest([0, 0]) && digest([]) != digest([0]))
    let long = [UInt8](repeating: 0, count: 64)
    #expect(digest(long) != digest(long + long))
    #expect(digest([1], [2]) != digest([2], [1]) && digest([1], [2]) != digest([1, 2]))
  }

  @Test(arguments: 0..<64)
  func wordsOfALaneDoNotCancel(_ bit: Int) {
    // The same change in two or three words of a lane.
    let values = [UInt8](repeating: 5, count: 256)
    for words in [[0, 8], [8, 16], [0, 16], [0, 8, 16], [0, 8, 16, 24]] {
      var other = values
      for word in words { other[8 * word + bit / 8] ^= 1 << (bit % 8) }
      #expect(digest(other) != digest(values), "words \(words)")
    }
  }
}
