import Events
import Numerics
import Testing

@Suite struct ShuffleTests {
  @Test(arguments: [0, 1, 2, 3, 4, 5, 7, 13, 31, 32, 33, 97, 1009, 65_536, 65_537, 1_000_000])
  func everyPlaceIsTakenOnce(_ count: Int) {
    for epoch in [1, 2] {
      let shuffle = Shuffle(count: count, seed: 42, epoch: epoch)
      var seen = [Bool](repeating: false, count: count)
      for index in 0..<count { seen[shuffle[index]] = true }
      #expect(seen.allSatisfy { $0 })
    }
  }

  /// Scalar twin of the permutation, from the formulas of ``Shuffle``.
  struct Twin {
    let count: UInt64
    let height: UInt64
    let width: UInt64
    let keys: [UInt32]

    init(count: Int, seed: UInt64, epoch: Int) {
      self.count = UInt64(count)
      let bits = UInt64(64 - (count - 1).leadingZeroBitCount)
      // Halving the interval that holds ⌈√count⌉.
      var (below, enough) = (UInt64(0), UInt64(1) << (bits / 2 + 1))
      while enough - below > 1 {
        let middle = (below + enough) / 2
        if middle * middle < self.count { below = middle } else { enough = middle }
      }
      height = enough
      width = (self.count + height - 1) / height
      let random = CounterRandom(seed: seed, stream: RandomStream.shuffle(epoch: epoch))
      keys = (0..<8).map { UInt32(truncatingIfNeeded: random.word($0)) }
    }

    subscript(index: Int) -> Int {
      var position = UInt64(index)
      repeat {
        var (high, low) = position.quotientAndRemainder(dividingBy: width)
        for round in 0..<8 {
          if round % 2 == 0 {
            high = (high + share(low, keys[round], of: height)) % height
          } else {
            low = (low + share(high, keys[round], of: width)) % width
          }
        }
        position = high * width + low
      } while position >= count
      return Int(position)
    }

    private func share(_ half: UInt64, _ key: UInt32, of modulus: UInt64) -> UInt64 {
      var x = UInt32(truncatingIfNeeded: half) ^ key
      x = x &* 0x9E37_79B1
      x = (x ^ (x >> 15)) &* 0x85EB_CA77
      return (UInt64(x) * modulus) >> 32
    }
  }

  /// Sixteen at a time gives what one at a time does, for whole and partial groups anywhere in the epoch.
  @Test(arguments: [1, 2, 3, 9, 31, 33, 255, 256, 257, 1009, 24_344, 65_536, (1 << 40) + 7, 1 << 62])
  func rowsOfManyPlacesAreThoseOfEach(_ count: Int) {
    let shuffle = Shuffle(count: count, seed: 7, epoch: 3)
    let twin = Twin(count: count, seed: 7, epoch: 3)
    for length in [0, 1, 3, 4, 15, 16, 17, 64] where length <= count {
      for first in [0, (count - length) / 2, count - length] {
        var rows = [Int](repeating: -1, count: length)
        var span = rows.mutableSpan
        shuffle.rows(at: first..<first + length, into: &span)
        #expect(rows == (first..<first + length).map { twin[$0] })
        #expect(rows == (first..<first + length).map { shuffle[$0] })
      }
    }
  }

  @Test func epochsAndSeedsDiffer() {
    func order(_ seed: UInt64, _ epoch: Int) -> [Int] {
      let shuffle = Shuffle(count: 1000, seed: seed, epoch: epoch)
      return (0..<1000).map { shuffle[$0] }
    }
    #expect(order(1, 1) == order(1, 1))
    #expect(order(1, 1) != order(1, 2))
    #expect(order(1, 1) != order(2, 1))
  }

  /// Chi-squared of where elements land over many seeds: 400 cells with 50 expected each, 361 degrees of freedom; within 5 σ.
  @Test(arguments: [20])
  func elementsLandEverywhereEquallyOften(_ count: Int) {
    var hits = [Int](repeating: 0, count: count * count)
    for seed in 0..<1000 {
      let shuffle = Shuffle(count: count, seed: UInt64(seed), epoch: 1)
      for index in 0..<count { hits[index * count + shuffle[index]] += 1 }
    }
    let chiSquared = hits.reduce(0.0) { $0 + (Double($1) - 50) * (Double($1) - 50) / 50 }
    #expect(abs(chiSquared - 361) < 5 * (2 * 361.0).squareRoot())
  }

  /// Neighbours do not stay neighbours: the mean distance of successive elements is that of random ones, n / 3.
  @Test func neighboursPart() {
    let count = 100_000
    let shuffle = Shuffle(count: count, seed: 5, epoch: 3)
    let distance = (1..<count).reduce(0.0) { $0 + Double(abs(shuffle[$1] - shuffle[$1 - 1])) } / Double(count - 1)
    #expect(abs(distance / (Double(count) / 3) - 1) < 0.02)
  }
}
