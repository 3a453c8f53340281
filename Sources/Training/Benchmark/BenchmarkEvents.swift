internal import Events
internal import KernelBasics
internal import MPI

/// Made-up events, the same ones on every machine: features nearly standard normal around a mean that each class has of
/// its own, classes in turn.
struct BenchmarkEvents {
  private let features: Int
  private let classes: Int
  private let values: [Float]

  /// Fewest events of a data set, about as many as a small analysis has: what fits into a cache should do so here too.
  private static let fewest = 20_000
  private static let seed: UInt64 = 42

  /// How many events a data set has whose steps are all full batches.
  static func count(batchSize: Int) -> Int { (fewest + batchSize - 1) / batchSize * batchSize }

  /// Makes `count` events.
  init(count: Int, features: Int, classes: Int) {
    self.features = features
    self.classes = classes
    let stride = Dataset.stride(features: features)
    let means = CounterRandom(seed: Self.seed, stream: 0x4_0000_0000)
    let deviations = CounterRandom(seed: Self.seed, stream: 0x4_0000_0001)
    var values = [Float](repeating: 0, count: count * stride)
    for row in 0..<count {
      for feature in 0..<features {
        let mean = 0.5 * Self.normal(means, row % classes * features + feature)
        values[row * stride + feature] = mean + Self.normal(deviations, row * features + feature)
      }
    }
    self.values = values
  }

  /// The first `count` of the events as a data set for training alone.
  func dataset(count: Int) -> Dataset {
    let counts = (0..<classes).map { Dataset.Counts(training: count / classes + ($0 < count % classes ? 1 : 0)) }
    let stride = Dataset.stride(features: features)
    let memory = SharedMemory(count: count * (stride + 1)) { numbers in
      for index in 0..<count * stride { numbers[index] = values[index] }
      for row in 0..<count { numbers[count * stride + row] = Float(bitPattern: UInt32(row % classes)) }
    }
    return Dataset(
      classNames: (0..<classes).map { "class\($0)" }, featureNames: (0..<features).map { "feature\($0)" },
      counts: counts, standardization: .identity(features: features),
      classWeights: Array(repeating: 1, count: classes), memory: memory)
  }

  /// The sum of 12 uniform numbers of 16 bits, moved to mean 0; its variance is 1.
  private static func normal(_ random: CounterRandom, _ index: Int) -> Float {
    var sum: UInt64 = 0
    for part in 0..<3 {
      let word = random.word(UInt64(3 * index + part))
      sum += (word & 0xFFFF) + (word >> 16 & 0xFFFF) + (word >> 32 & 0xFFFF) + word >> 48
    }
    return Float(sum) * 0x1p-16 - 6
  }
}
