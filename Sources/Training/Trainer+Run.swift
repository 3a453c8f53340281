internal import Events
internal import MPI
internal import NeuralNetwork

/// How far a training has come.
struct TrainingPosition: Equatable {
  /// Completed epochs.
  var epoch = 0
  /// Completed steps of the next one: all of them where only its evaluation is left to do.
  var step = 0
  /// What those add up to.
  var sums = EpochSums()

  /// After so many epochs.
  init(epoch: Int = 0) { self.epoch = epoch }

  /// Where a checkpoint was written.
  init(_ checkpoint: Checkpoint) {
    epoch = checkpoint.epoch
    step = checkpoint.stepInEpoch
    sums = checkpoint.epochSums
  }
}

extension Trainer {
  /// Trains from the start, or from a checkpoint, to the last epoch; then tells how good the best model is.
  ///
  /// All ranks call it together; rank 0 has a record.
  mutating func train(
    from checkpoint: Checkpoint?, _ communicator: borrowing Communicator, _ console: Console, record: inout RunRecord?
  ) throws {
    var position = checkpoint.map { TrainingPosition($0) } ?? TrainingPosition()
    console.tellEpochHeader()
    let start = ContinuousClock.now
    let (steps, epochs) = (plan.stepsPerEpoch, run.training.epochs)
    let stepsBefore = position.epoch * steps + position.step
    var best = checkpoint?.best
    while position.epoch < epochs && !isHopeless(after: position, best) {
      let epochStart = ContinuousClock.now
      let before = position
      try trainEpoch(&position, communicator, console, record: &record) { position, cost in
        let fraction = Double(position.step) / Double(steps)
        console.progress(epoch: position.epoch + 1, of: epochs, fraction: fraction, cost: cost) {
          let done = position.epoch * steps + position.step
          return seconds(since: start) / Double(done - stepsBefore) * Double(epochs * steps - done)
        }
      }
      let times = try rankTimes(from: before, to: position, since: epochStart, communicator)
      let validation = try evaluate(dataset.validation, communicator)
      let sums = position.sums
      let epoch = position.epoch + 1
      let result = EpochRecord(
        epoch: epoch, learningRate: optimizer.options.learningRate * rate(step: epoch * steps - 1),
        trainingLoss: sums.loss / sums.weight, trainingAccuracy: Double(sums.correct) / Double(sums.events),
        validationLoss: validation?.loss, validationAccuracy: validation?.accuracy, seconds: seconds(since: epochStart))
      console.tell(result, events: sums.events - before.sums.events)
      // First: what one rank alone has would not let all of them come to the same end.
      try requireEqualReplicas(after: "epoch \(epoch)", communicator)
      guard try isSound(validation, communicator) else {
        record?.keepCosts()
        throw AgreedFailure(failure: divergence(after: epoch))
      }
      position = TrainingPosition(epoch: epoch)
      if let validation, validation.loss < best?.loss ?? .infinity {
        best = Checkpoint.Best(epoch: epoch, loss: validation.loss)
      }
      let isLast = epoch == epochs || isHopeless(after: position, best)
      try communicator.onRoot {
        try record?.finish(result, times, best: best, isLast: isLast, trainer: self, console)
      }
    }
    if position.epoch < epochs, let best {
      console.tell("Stopped early: no smaller validation loss than that of epoch \(best.epoch)")
    }
    // What is left to do asks nobody whether to stop.
    StopRequest.stopListening()
    try summarize(communicator, console, record: record, epochs: position.epoch, seconds: seconds(since: start))
  }

  /// Whether the validation loss has not become smaller for as many epochs as the user has patience.
  private func isHopeless(after position: TrainingPosition, _ best: Checkpoint.Best?) -> Bool {
    guard let patience = run.training.patience, let best, position.step == 0 else { return false }
    return position.epoch - best.epoch >= patience
  }

  /// Takes the steps of an epoch that are still to be done. `report` hears the cost of a step, and the position behind it.
  private mutating func trainEpoch(
    _ position: inout TrainingPosition, _ communicator: borrowing Communicator, _ console: Console,
    record: inout RunRecord?, report: (_ position: TrainingPosition, _ cost: Double) -> Void
  ) throws {
    let epoch = position.epoch + 1
    communicator.watchdog.begin(epoch: epoch)
    communicator.watchdog.enter(.training)
    measureWaiting()
    let order = order(ofEpoch: epoch)
    let steps = plan.stepsPerEpoch
    while position.step < steps {
      let end = try takeStep(
        position.step, epoch: epoch, order: order, communicator, addingTo: &position.sums,
        diverged: { record?.keepCosts() })
      position.step += 1
      record?.add(cost: end.cost)
      if position.step & 0xFF == 0 || steps < 1000 { report(position, end.cost) }
      if let every = run.safety.replicaCheck, (position.epoch * steps + position.step) % every == 0 {
        try requireEqualReplicas(after: "epoch \(epoch), step \(position.step)", communicator)
      }
      if end.stops { try stop(at: position, communicator, console, record: &record) }
    }
  }

  /// Writes a checkpoint and ends the run in good order, as a rank wishes. All ranks call it together.
  private mutating func stop(
    at position: TrainingPosition, _ communicator: borrowing Communicator, _ console: Console,
    record: inout RunRecord?
  ) throws -> Never {
    let place = "epoch \(position.epoch + 1), step \(position.step) of \(plan.stepsPerEpoch)"
    try requireEqualReplicas(after: place, communicator)
    guard network.parameters.allSatisfy(\.isFinite) else {
      record?.keepCosts()
      throw AgreedFailure(failure: divergence(after: position.epoch + 1))
    }
    try communicator.onRoot { try record?.stop(at: position, trainer: self, log: console.log) }
    let mine = StopRequest.current.map { "\($0) (rank \(communicator.rank)@\(hostName()))" } ?? ""
    let reasons = try communicator.allGather(Array(mine.utf8)).map { String(decoding: $0, as: UTF8.self) }
    let reason = reasons.first { !$0.isEmpty } ?? ""
    try communicator.barrier()
    let folder = record?.path ?? ""
    throw AgreedFailure(
      failure: Failure(.stopped, "stopped by \(reason) after \(place); go on with --resume \(folder)"))
  }

  /// Compares what the ranks have computed, which must be the same bits. All ranks call it together.
  func requireEqualReplicas(after place: String, _ communicator: borrowing Communicator) throws {
    guard communicator.size > 1 else { return }
    try communicator.requireAgreement(
      on: [
        SharedFact(
          name: "parameters", value: stateDigest,
          advice: "memory or processor of such a host may be faulty: leave it out and go on with --resume")
      ], when: "after \(place)")
  }

  /// A digest of everything that steps change.
  var stateDigest: [UInt8] {
    var digest = BitDigest()
    network.withNumbers { digest.update($0) }
    optimizer.velocity.withSpan { digest.update($0) }
    digest.update(grid.exponents.span)
    return digest.bytes
  }

  /// What the ranks computed and waited in the steps of an epoch. All ranks call it together.
  private func rankTimes(
    from before: TrainingPosition, to position: TrainingPosition, since start: ContinuousClock.Instant,
    _ communicator: borrowing Communicator
  ) throws -> RankTimes {
    let all = seconds(since: start)
    let steps = position.step - before.step
    let wait = communicator.size > 1 ? min(all, waitClock.seconds(ofSteps: steps)) : 0
    // Of a part of an epoch, the same part of a rank's share.
    let part = Double(position.sums.events - before.sums.events) / Double(plan.events)
    let events = Int((Double(plan.share(rank: communicator.rank, of: communicator.size)) * part).rounded())
    return try RankTimes(gathering: RankTime(events: events, compute: all - wait, wait: wait), communicator)
  }

  /// Brings back the best model and tells how good it is.
  private mutating func summarize(
    _ communicator: borrowing Communicator, _ console: Console, record: RunRecord?, epochs: Int, seconds: Double
  ) throws {
    guard run.training.epochs > 0 else { return }
    let bytes: [UInt8] = try communicator.fromRoot { try record?.readModel().encoded() ?? [] }
    let model = try Checkpoint(decoding: bytes, path: "model.safetensors")
    let layout = network.layout
    network.update { parameters in Checkpoint.restore(model.layers, to: &parameters, layout) }
    let summary = RunSummary(
      classes: dataset.classNames, features: dataset.featureNames, epochs: epochs, bestEpoch: model.epoch,
      steps: epochs * plan.stepsPerEpoch, training: try evaluate(dataset.training, communicator),
      validation: try evaluate(dataset.validation, communicator),
      test: try evaluate(dataset.test, communicator))
    console.tell(summary, seconds: seconds)
    if let record { console.tell(record.written, seconds: seconds) }
    try communicator.onRoot { try record?.write(summary, log: console.log) }
  }

  /// Everything that a checkpoint must share with this run to go on with the same bits.
  func requireSameState(_ checkpoint: Checkpoint, eventsDigest: String) throws {
    func quoted(_ names: [String]) -> String { names.joined(separator: ", ").onOneLine.quoted }
    func differs(_ what: String) -> Failure {
      Failure(.badData, "the checkpoint was written with \(what); resume with the same data files and run file")
    }
    guard checkpoint.eventsDigest == eventsDigest else { throw differs("other events") }
    guard checkpoint.classNames == dataset.classNames else {
      throw differs("processes \(quoted(checkpoint.classNames))")
    }
    guard checkpoint.featureNames == dataset.featureNames else {
      throw differs("features \(quoted(checkpoint.featureNames))")
    }
    guard checkpoint.block == plan.block else { throw differs("blocks of \(checkpoint.block) events") }
    guard checkpoint.layers.map(\.outputs) == network.layout.layers.map(\.outputs),
      checkpoint.velocity.count == checkpoint.layers.count
    else { throw differs("another network") }
    guard checkpoint.stepInEpoch <= plan.stepsPerEpoch,
      checkpoint.step == checkpoint.epoch * plan.stepsPerEpoch + checkpoint.stepInEpoch
    else { throw differs("another number of steps in an epoch") }
  }

  /// Takes over the state of a checkpoint that has passed ``requireSameState(_:eventsDigest:)``.
  mutating func restore(_ checkpoint: Checkpoint) {
    let layout = network.layout
    network.update { parameters in Checkpoint.restore(checkpoint.layers, to: &parameters, layout) }
    Checkpoint.restore(checkpoint.velocity, to: &optimizer.velocity, layout)
    grid.exponents = checkpoint.gridExponents
  }

  /// Whether the parameters are worth a checkpoint: finite, and with a finite loss on the validation events (or, without
  /// them, on the first training events). The same on all ranks whose replicas are equal.
  private mutating func isSound(_ validation: Metrics?, _ communicator: borrowing Communicator) throws -> Bool {
    guard network.parameters.allSatisfy(\.isFinite) else { return false }
    return try (validation ?? evaluate(dataset.training.prefix(256), communicator))?.loss.isFinite ?? true
  }

  private func divergence(after epoch: Int) -> Failure {
    Failure(
      .diverged,
      "epoch \(epoch), after its last step: the parameters or the loss on unchanged parameters are not finite; "
        + "lower training.optimizer.learning_rate (now \(run.training.optimizer.learningRate)); "
        + "the last checkpoint is kept")
  }
}

/// Seconds since a moment.
func seconds(since start: ContinuousClock.Instant) -> Double {
  (ContinuousClock.now - start) / .seconds(1)
}
