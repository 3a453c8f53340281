import Numerics
import Testing

private let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

/// The number whose SplitMix64 finaliser is `value`.
private func unmixed(_ value: UInt64) -> UInt64 {
  var z = value
  z ^= (z >> 31) ^ (z >> 62)
  z &*= inverse(0x94D0_49BB_1331_11EB)
  z ^= (z >> 27) ^ (z >> 54)
  z &*= inverse(0xBF58_476D_1CE4_E5B9)
  return z ^ (z >> 30) ^ (z >> 60)
}

/// 1 / odd modulo 2⁶⁴, by Newton's iteration: each round doubles the number of correct bits, at first 3.
private func inverse(_ odd: UInt64) -> UInt64 {
  (0..<5).reduce(odd) { estimate, _ in estimate &* (2 &- odd &* estimate) }
}

@Suite struct CounterRandomTests {
  @Test func wordsArePublishedOutputsOfSplitMix64() {
    // The seed whose stream 0 starts at state 1234567, for which the outputs are published.
    let random = CounterRandom(seed: unmixed(unmixed(1_234_567)) &- golden, stream: 0)
    #expect(random.key == 1_234_567)
    #expect(
      (0..<5).map { random.word($0) } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test func uniformIsTheTopOfTheWordBelowOne() {
    let random = CounterRandom(seed: 1, stream: 2)
    let numbers = (0..<100_000 as Range<UInt64>).map(random.uniform)
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect((0..<1000 as Range<UInt64>).allSatisfy { random.uniform($0) * 0x1p53 == Double(random.word($0) >> 11) })
    // The mean of n uniform numbers has the standard deviation 1 / √(12 n), here 0.0009.
    #expect((numbers.reduce(0, +) / 100_000 - 0.5).magnitude < 0.004)
  }

  @Test func seedsAndStreamsGiveKeysOfTheirOwn() {
    let streams =
      (0..<100).flatMap {
        [RandomStream.split(process: $0), RandomStream.shuffle(epoch: $0), RandomStream.initializer(layer: $0)]
      }
    let keys = (0..<10 as Range<UInt64>).flatMap { seed in
      streams.map { CounterRandom(seed: seed, stream: $0).key }
    }
    #expect(Set(keys).count == 3000)
  }
}
