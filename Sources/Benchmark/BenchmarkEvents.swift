package import Events
import MPI
import Numerics

/// Synthetic events, the same ones on every machine: nearly standard normal features around a mean for each class, with the
/// classes alternating.
package struct BenchmarkEvents {
  private let features: Int
  private let classes: Int
  private let values: [Float]

  /// The minimum number of events in a store, about as many as in a small analysis, so that caches behave as there.
  private static let fewest = 20_000
  private static let seed: UInt64 = 42

  /// The number of events of a store in which all steps are full batches.
  package static func count(batchSize: Int) -> Int { (fewest + batchSize - 1) / batchSize * batchSize }

  /// Makes `count` events.
  package init(count: Int, features: Int, classes: Int) {
    self.features = features
    self.classes = classes
    let stride = EventStore.Layout(events: count, features: features).stride
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

  /// The first `count` of the events for training alone. With weights, each has one of its own, from ½ to 1½; some are negative, and
  /// train by their magnitudes.
  package func store(count: Int, hasWeights: Bool = false) -> EventStore {
    let counts = (0..<classes).map { EventCounts(training: count / classes + ($0 < count % classes ? 1 : 0)) }
    let header = EventStore.Header(
      classNames: (0..<classes).map { "class\($0)" }, featureNames: (0..<features).map { "feature\($0)" },
      counts: counts, standardization: .identity(features: features), classWeights: counts.map { _ in 1 },
      weights: hasWeights ? [.init(.monitor)] : [], usesWeights: hasWeights)
    let random = CounterRandom(seed: Self.seed, stream: 0x4_0000_0002)
    let layout = header.layout
    return EventStore(header) { contents in
      contents.write(layout.features) { numbers in for index in numbers.indices { numbers[index] = values[index] } }
      contents.write(layout.classes) { numbers in for row in 0..<count { numbers[row] = Int32(row % classes) } }
      if hasWeights {
        contents.write(layout.weights(0)) { numbers in
          for row in 0..<count {
            let weight = Float(0.5 + random.uniform(UInt64(row)))
            numbers[row] = row % 16 == 5 ? -weight : weight
          }
        }
      }
      contents.write(layout.identities) { numbers in for row in 0..<count { numbers[row] = UInt64(row / classes) } }
    }
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
