internal import Events
internal import MPI
internal import NeuralNetwork

/// Steps of one batch size, made as a training makes them, and timed.
struct StepBenchmark: ~Copyable {
  private var trainer: Trainer
  private var order: EventOrder
  private var epoch = 0
  private var step = 0
  private var sums = EpochSums()

  /// Seconds that a repeat takes.
  static let repeatSeconds = 0.07

  /// All ranks of the communicator, with which it then makes steps, call it together.
  init(_ run: RunFile, dataset: Dataset, threads: Int, _ communicator: borrowing Communicator) throws {
    trainer = try Trainer(run, dataset: dataset, threads: threads, communicator)
    order = trainer.order(ofEpoch: 1)
  }

  /// How many numbers a step's allreduce sums.
  var valuesInSums: Int { trainer.valuesInSums }

  /// How many blocks a step is cut into: the most workers that can have a part in it.
  var blocks: Int { trainer.plan.blocks(ofStep: 0).blocks }

  /// Makes so many steps; returns the nanoseconds of one. All ranks of the communicator call it together.
  private mutating func time(steps: Int, _ communicator: borrowing Communicator) throws -> Double {
    try communicator.barrier()
    let start = PhaseClock.now()
    for _ in 0..<steps {
      if step == 0 {
        epoch += 1
        order = trainer.order(ofEpoch: epoch)
      }
      _ = try trainer.takeStep(step, epoch: epoch, order: order, communicator, addingTo: &sums) {}
      step += 1
      if step == trainer.plan.stepsPerEpoch { step = 0 }
    }
    return Double(PhaseClock.now() - start) / Double(steps)
  }

  /// How many steps a repeat has, found by doubling, which warms everything up. All ranks call it together.
  private mutating func stepsOfARepeat(_ communicator: borrowing Communicator) throws -> Int {
    var steps = 1
    while true {
      let nanoseconds = try time(steps: steps, communicator)
      let isLong = nanoseconds * Double(steps) > Self.repeatSeconds / 5 * 1e9
      let target = max(1, Int(Self.repeatSeconds * 1e9 / nanoseconds))
      // What rank 0 decides holds for all.
      var agreed = isLong ? [target, 1] : [steps * 2, 0]
      try communicator.broadcast(&agreed, from: 0)
      steps = agreed[0]
      if agreed[1] == 1 { return steps }
    }
  }

  /// Times steps without a clock in them, in µs. All ranks of the communicator call it together.
  mutating func timing(repeats: Int, _ communicator: borrowing Communicator) throws -> Spread {
    let steps = try stepsOfARepeat(communicator)
    var times: [Double] = []
    for _ in 0..<repeats { times.append(try time(steps: steps, communicator) * 1e-3) }
    return Spread(times)
  }

  /// Times steps, and in repeats of their own where the time goes; and tells which part of the time this rank's main
  /// thread waited for a CPU. All ranks call it together.
  mutating func timingAndSplit(
    repeats: Int, clockCost: Double, _ communicator: borrowing Communicator
  ) throws -> (timing: Spread, split: StepSplit, waiting: Double) {
    let steps = try stepsOfARepeat(communicator)
    var times: [Double] = []
    var splits: [StepSplit] = []
    var waited = 0.0
    for _ in 0..<repeats {
      // In turn, so that what else the machine does meets both alike.
      let before = BenchmarkMachine.waiting
      times.append(try time(steps: steps, communicator) * 1e-3)
      waited += BenchmarkMachine.waiting - before
      trainer.measurePhases(clockCost: clockCost)
      let nanoseconds = try time(steps: steps, communicator)
      let split = StepSplit(trainer.phases, steps: steps, nanoseconds: nanoseconds, clockCost: clockCost)
      splits.append(try split.mean(communicator))
      trainer.measurePhases(clockCost: nil)
    }
    let timing = Spread(times)
    let all = times.reduce(0, +) * 1e3 * Double(steps)
    return (timing, StepSplit(medianOf: splits, total: timing.median), min(1, waited / all))
  }
}
