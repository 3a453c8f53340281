internal import KernelBasics

/// How the events of every process are divided into training, validation and test events.
///
/// Where an event goes is a function of (seed, process, number in the process) alone, so adding events to one process
/// moves no event of another: u = number e of the random stream `split(process: p)`, in [0, 1); u < training → training; u < training +
/// validation → validation; else test.
public struct Split: Equatable, Sendable {
  /// What an event is used for.
  public enum Part: Int, CaseIterable, Sendable {
    /// Its gradient moves the parameters.
    case training
    /// It decides which epoch's model is the best.
    case validation
    /// It tells how good that model is.
    case test
  }

  /// The share of training events.
  public var training: Double
  /// The share of validation events.
  public var validation: Double

  /// The rest, 1 − training − validation, are test events.
  public init(training: Double, validation: Double) {
    self.training = training
    self.validation = validation
  }

  /// What event number `event` of process number `process` is used for in a run with this `seed`.
  public func part(process: Int, event: Int, seed: UInt64) -> Part {
    part(of: event, CounterRandom(seed: seed, stream: RandomStream.split(process: process)))
  }

  /// What each of the first `count` events of process number `process` is used for.
  func parts(process: Int, count: Int, seed: UInt64) -> [Part] {
    let random = CounterRandom(seed: seed, stream: RandomStream.split(process: process))
    return (0..<count).map { part(of: $0, random) }
  }

  private func part(of event: Int, _ random: CounterRandom) -> Part {
    let u = random.uniform(UInt64(event))
    return u < training ? .training : u < training + validation ? .validation : .test
  }
}
