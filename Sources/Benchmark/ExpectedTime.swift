import Events
import Machine
import MPI
import NeuralNetwork
import Runs
package import Training

/// The expected time of a training, from some steps on random events.
package struct ExpectedTime {
  /// µs of a step of one rank with ``threads``.
  package let microsecondsPerStep: Double
  package let threads: Int
  /// Events of such a step.
  private let batchSize: Int

  /// The maximum number of random events; larger steps are extrapolated linearly.
  private static let largestBatch = 1 << 14
  /// Of all features together.
  private static let mostValues = 1 << 23

  /// Makes steps of this training for about a third of a second, on one rank with this many threads. `batchSize` are the events
  /// of its steps, `hasWeights` whether they have weights of their own.
  package init(_ options: Trainer.Options, batchSize: Int, hasWeights: Bool, threads: Int) throws {
    var options = options
    let features = options.network.inputs
    let measured = max(1, min(batchSize, Self.largestBatch, Self.mostValues / features))
    options.batchSize = measured
    let events =
      max(1, min(BenchmarkEvents.count(batchSize: measured), Self.mostValues / features) / measured) * measured
    let made = BenchmarkEvents(count: events, features: features, classes: options.network.classes)
    var steps = try StepBenchmark(
      options, events: made.store(count: events, hasWeights: hasWeights), threads: threads, .solo())
    let median = try steps.timing(repeats: 3, .solo()).median
    microsecondsPerStep = median * Double(batchSize) / Double(measured)
    (self.threads, self.batchSize) = (threads, batchSize)
  }

  /// Seconds of all epochs. An evaluation goes forward only, which is a third of a step's work.
  package func seconds(epochs: Int, trainingEvents: Int, validationEvents: Int) -> Double {
    let perEvent = microsecondsPerStep * 1e-6 / Double(batchSize)
    return Double(epochs) * perEvent * (Double(trainingEvents) + Double(validationEvents) / 3)
  }
}
