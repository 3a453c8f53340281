import Numerics

/// How the events of every process are divided into training, validation and test events: their shares, about 1 together.
///
/// Where an event goes is a function of (seed, process, number in the process) alone, so adding events to one process
/// moves no event of another: u = number e of the random stream `split(process: p)`, in [0, 1); u < train → training; u < train +
/// validation → validation; else test. A share of 0 means none at all, though the others may miss 1 by a rounding.
public struct Split: Equatable, Sendable {
  public let train: Double
  public let validation: Double
  public let test: Double
  /// Where u ends training, and where validation.
  private let trainingEnd: Double
  private let validationEnd: Double

  public init(train: Double, validation: Double, test: Double) {
    self.train = train
    self.validation = validation
    self.test = test
    trainingEnd = validation == 0 && test == 0 ? 1 : train
    validationEnd = trainingEnd + (test == 0 ? 1 : validation)
  }

  /// What event number `event` of process number `process` is used for in a run with this `seed`.
  public func use(process: Int, event: Int, seed: UInt64) -> EventUse {
    use(of: event, CounterRandom(seed: seed, stream: RandomStream.split(process: process)))
  }

  /// The division of the events of one process.
  struct Process: Sendable {
    fileprivate let split: Split
    fileprivate let random: CounterRandom

    /// What each of some events of the process is used for.
    func uses(_ events: Range<Int>) -> [EventUse] { events.map { split.use(of: $0, random) } }
  }

  /// How the events of process number `process` are divided in a run with this `seed`.
  func uses(process: Int, seed: UInt64) -> Process {
    Process(split: self, random: CounterRandom(seed: seed, stream: RandomStream.split(process: process)))
  }

  private func use(of event: Int, _ random: CounterRandom) -> EventUse {
    let u = random.uniform(UInt64(event))
    return u < trainingEnd ? .training : u < validationEnd ? .validation : .test
  }
}
