package import Events
import Machine
package import MPI
import NeuralNetwork
import Results
package import Training

/// Steps of one batch size, made as a training makes them, and timed.
package struct StepBenchmark: ~Copyable {
  private var trainer: Trainer
  private var order: EventOrder
  private var epoch = 0
  private var step = 0
  private var sums = Statistics()

  /// Seconds that a repeat takes.
  package static let repeatSeconds = 0.07

  /// Its steps are then made with this communicator.
  /// - Collective: every rank of the communicator calls it.
  package init(_ options: Trainer.Options, events: EventStore, threads: Int, _ communicator: borrowing Communicator)
    throws
  {
    trainer = try Trainer(options, events: events, threads: threads, communicator)
    order = trainer.order(ofEpoch: 1)
  }

  /// How many numbers a step's allreduce sums.
  package var valuesInSums: Int { trainer.valuesInSums }

  /// The number of blocks in a step, which is also the maximum number of workers with work.
  package var blocks: Int { trainer.plan.blocks(ofStep: 0).blocks }

  /// Makes this many steps; returns the nanoseconds of one.
  /// - Collective: every rank of the communicator calls it.
  private mutating func time(steps: Int, _ communicator: borrowing Communicator) throws -> Double {
    try communicator.barrier()
    let start = monotonicNanoseconds()
    for _ in 0..<steps {
      if step == 0 {
        epoch += 1
        order = trainer.order(ofEpoch: epoch)
      }
      _ = try trainer.takeStep(step, epoch: epoch, order: order, communicator, addingTo: &sums)
      step += 1
      if step == trainer.plan.stepsPerEpoch { step = 0 }
    }
    return Double(monotonicNanoseconds() - start) / Double(steps)
  }

  /// How many steps a repeat has, found by doubling, which warms everything up.
  /// - Collective: every rank of the communicator calls it.
  private mutating func stepsOfARepeat(_ communicator: borrowing Communicator) throws -> Int {
    var steps = 1
    while true {
      let nanoseconds = try time(steps: steps, communicator)
      let isLong = nanoseconds * Double(steps) > Self.repeatSeconds / 5 * 1e9
      let target = max(1, Int(Self.repeatSeconds * 1e9 / nanoseconds))
      // Rank 0 decides for all.
      var agreed = isLong ? [target, 1] : [steps * 2, 0]
      try communicator.broadcast(&agreed, from: 0)
      steps = agreed[0]
      if agreed[1] == 1 { return steps }
    }
  }

  /// Times steps without a clock in them, in µs.
  /// - Collective: every rank of the communicator calls it.
  package mutating func timing(repeats: Int, _ communicator: borrowing Communicator) throws -> Quartiles {
    let steps = try stepsOfARepeat(communicator)
    var times: [Double] = []
    for _ in 0..<repeats { times.append(try time(steps: steps, communicator) * 1e-3) }
    return Quartiles(times)
  }

  /// Times steps and, in separate repeats, their phases, and measures the fraction of time that this rank's main thread waited
  /// for a CPU.
  /// - Collective: every rank of the communicator calls it.
  package mutating func timingAndSplit(
    repeats: Int, clockCost: Double, _ communicator: borrowing Communicator
  ) throws -> (timing: Quartiles, split: StepSplit, waiting: Double) {
    let steps = try stepsOfARepeat(communicator)
    var times: [Double] = []
    var splits: [StepSplit] = []
    var waited = 0.0
    for _ in 0..<repeats {
      // In turn, so that other load on the machine affects both alike.
      let before = BenchmarkMachine.waiting
      times.append(try time(steps: steps, communicator) * 1e-3)
      waited += BenchmarkMachine.waiting - before
      trainer.measurePhases(clockCost: clockCost)
      let nanoseconds = try time(steps: steps, communicator)
      let split = StepSplit(trainer.phases, steps: steps, nanoseconds: nanoseconds, clockCost: clockCost)
      splits.append(try split.mean(communicator))
      trainer.measurePhases(clockCost: nil)
    }
    let timing = Quartiles(times)
    let all = times.reduce(0, +) * 1e3 * Double(steps)
    return (timing, StepSplit(medianOf: splits, total: timing.median), min(1, waited / all))
  }
}
