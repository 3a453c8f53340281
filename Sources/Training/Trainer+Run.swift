internal import Events
internal import MPI
internal import NeuralNetwork

extension Trainer {
  /// Trains from the start, or from a checkpoint, to the last epoch; then tells how good the best model is.
  ///
  /// All ranks call it together; rank 0 has a record.
  mutating func train(
    from checkpoint: Checkpoint?, _ communicator: borrowing Communicator, _ console: Console, record: inout RunRecord?
  ) throws {
    let first = (checkpoint?.epoch ?? 0) + 1
    let epochs = run.training.epochs
    console.tellEpochHeader()
    let start = ContinuousClock.now
    for epoch in first..<max(first, epochs + 1) {
      let epochStart = ContinuousClock.now
      let steps = plan.stepsPerEpoch
      let sums = try train(epoch: epoch, communicator, diverged: { record?.keepCosts() }) { step, cost in
        record?.add(cost: cost)
        guard step & 0xFF == 0 || steps < 1000 else { return }
        let done = Double((epoch - first) * steps + step + 1)
        console.progress(epoch: epoch, of: epochs, fraction: Double(step + 1) / Double(steps), cost: cost) {
          seconds(since: start) / done * (Double((epochs - first + 1) * steps) - done)
        }
      }
      let validation = try evaluate(dataset.validation, communicator)
      let result = EpochRecord(
        epoch: epoch, learningRate: optimizer.options.learningRate * rate(step: epoch * steps - 1),
        trainingLoss: sums.loss / sums.weight, trainingAccuracy: Double(sums.correct) / Double(sums.events),
        validationLoss: validation?.loss, validationAccuracy: validation?.accuracy, seconds: seconds(since: epochStart))
      console.tell(result, events: sums.events)
      guard try isSound(validation, communicator) else {
        record?.keepCosts()
        throw AgreedFailure(failure: divergence(after: epoch))
      }
      try communicator.onRoot { try record?.finish(result, trainer: self, log: console.log) }
    }
    try summarize(communicator, console, record: record, seconds: seconds(since: start))
  }

  /// Brings back the best model and tells how good it is.
  private mutating func summarize(
    _ communicator: borrowing Communicator, _ console: Console, record: RunRecord?, seconds: Double
  ) throws {
    guard run.training.epochs > 0 else { return }
    let bytes: [UInt8] = try communicator.fromRoot { try record?.readModel().encoded() ?? [] }
    let model = try Checkpoint(decoding: bytes, path: "model.safetensors")
    let layout = network.layout
    network.update { parameters in Checkpoint.restore(model.layers, to: &parameters, layout) }
    let summary = RunSummary(
      classes: dataset.classNames, features: dataset.featureNames, epochs: run.training.epochs, bestEpoch: model.epoch,
      steps: run.training.epochs * plan.stepsPerEpoch, training: try evaluate(dataset.training, communicator),
      validation: try evaluate(dataset.validation, communicator),
      test: try evaluate(dataset.test, communicator))
    console.tell(summary, seconds: seconds)
    try communicator.onRoot { try record?.write(summary, log: console.log) }
  }

  /// Everything that a checkpoint must share with this run to go on with the same bits.
  func requireSameState(_ checkpoint: Checkpoint, eventsDigest: String) throws {
    func differs(_ what: String) -> Failure {
      Failure(.badData, "the checkpoint was written with \(what); resume with the same data files and run file")
    }
    guard checkpoint.eventsDigest == eventsDigest else { throw differs("other events") }
    guard checkpoint.classNames == dataset.classNames else { throw differs("processes \(checkpoint.classNames)") }
    guard checkpoint.featureNames == dataset.featureNames else { throw differs("features \(checkpoint.featureNames)") }
    guard checkpoint.block == plan.block else { throw differs("blocks of \(checkpoint.block) events") }
    guard checkpoint.layers.map(\.outputs) == network.layout.layers.map(\.outputs),
      checkpoint.velocity.count == checkpoint.layers.count
    else { throw differs("another network") }
  }

  /// Takes over the state of a checkpoint that has passed ``requireSameState(_:eventsDigest:)``.
  mutating func restore(_ checkpoint: Checkpoint) {
    let layout = network.layout
    network.update { parameters in Checkpoint.restore(checkpoint.layers, to: &parameters, layout) }
    Checkpoint.restore(checkpoint.velocity, to: &optimizer.velocity, layout)
    grid.exponents = checkpoint.gridExponents
  }

  /// Whether the parameters are worth a checkpoint: finite, and with a finite loss on the validation events (or, without
  /// them, on the first training events). The same on all ranks.
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
