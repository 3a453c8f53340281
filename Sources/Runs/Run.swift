import Events
import Machine
package import MPI
import NeuralNetwork
import Numerics
import Results
import RunFiles
import Training

/// A run from start to end, on all ranks: the trainer computes, the record writes, the report prints. Record and report exist on
/// every rank; they write on rank 0.
package struct Run {
  private let file: RunFile
  private let report: Console

  /// Trains as the user asks.
  /// - Collective: every rank of the communicator calls it.
  package static func train(_ request: RunRequest, _ communicator: borrowing Communicator) throws {
    let watchdog = communicator.watchdog
    if let maxSeconds = request.maxSeconds { watchdog.stopAfter(seconds: maxSeconds) }
    watchdog.enter(.preparing)
    let report = Console(speaks: communicator.isRoot, progress: request.progress)
    if communicator.size > 1 { try communicator.requireAgreement(on: request.facts, when: "at the start") }
    let start = try AgreedStart(request, communicator)
    guard !start.isFinished else {
      report.print("\(start.folder.path): this run is finished, nothing is left to do (--force trains it again)")
      return report.printNextSteps(start.folder, start.run)
    }
    let file = start.run
    watchdog.setLimits(steps: file.safety.watchdog, files: file.safety.watchdogFiles)
    report.printBanner()
    report.printDefaults(file)
    report.printSplitSeed(file)
    let placement = try report.printPlacement(communicator, threads: request.threads)
    let threads = placement.threads(ofRank: communicator.rank)

    let loaded = try file.loader(for: .training).load(
      communicator, placement.rootHost, digestLike: start.resumed?.state.eventsDigest
    ) { report.print($0) }
    for line in loaded.warnings { report.warn(line) }
    try Monitor.requireEvents(for: file.training, loaded.store)
    try communicator.onRoot {
      let working = file.trainerOptions.workingMemory(events: loaded.store.training.count, threads: threads)
      let advice = "make network.hidden or training.block smaller, or start fewer ranks or threads"
      try HostMemory().require(
        working * Double(placement.ranks(onHost: hostName())), for: "the network of run '\(file.name)'", advice: advice)
      // The limits of a process count for each rank alone.
      try MemoryBounds().require(
        working, demand: "the network of run '\(file.name)' needs", exitCode: .usage, advice: advice)
    }
    var trainer = try Trainer(file.trainerOptions, events: loaded.store, threads: threads, communicator)
    report.printPlan(trainer, file.split, communicator)
    let checkpoint = try start.readCheckpoint(communicator)
    if let checkpoint {
      try communicator.onRoot { try checkpoint.requireSameState(trainer, eventsDigest: loaded.digest) }
      trainer.state = checkpoint.trainerState(trainer.network.layout)
      report.printResumed(checkpoint, epochs: file.training.epochs, file: start.resumed?.file.path ?? "")
    }
    try requireSameStart(trainer, communicator)

    var record = try RunRecord(start, placement: placement, trainer, loaded, communicator)
    if checkpoint != nil { try record.write(communicator) { report.continueLog($0.readLog()) } }
    do {
      try Run(file: file, report: report).train(&trainer, &record, from: checkpoint, communicator)
      try record.write(communicator) { $0.end(nil) }
    } catch {
      // The costs of the steps before a training diverged are worth keeping.
      let failure = Failure(error)
      record.onRoot { writer in
        if failure.exitCode == .diverged { writer.flushCosts() }
        writer.end(failure)
      }
      throw error
    }
  }

  /// Trains from the start, or from a checkpoint, to the last epoch; then evaluates the best model.
  private func train(
    _ trainer: inout Trainer, _ record: inout RunRecord, from checkpoint: Checkpoint?,
    _ communicator: borrowing Communicator
  ) throws {
    var position = checkpoint?.position ?? TrainingPosition()
    // Early stopping and schedules depend on these values; the checkpoint also has the best epoch and its model.
    let monitoring = file.training.monitoring
    var monitor = Monitor(
      monitoring, values: checkpoint == nil ? [] : try record.monitoredValues(monitoring.monitor, communicator))
    let epochs = file.training.epochs
    let clock = RunClock(position, epochs: epochs, stepsPerEpoch: trainer.plan.stepsPerEpoch)
    report.printEpochHeader(monitoring.metrics)
    while position.epoch < epochs && !(position.step == 0 && monitor.shouldStop) {
      let (before, start) = (position, ContinuousClock.now)
      let isStopped = try trainer.trainEpoch(&position, communicator) { position, cost in
        record.add(cost: cost)
        if clock.isWorthDrawing(position) { report.progress(position, cost: cost, clock) }
      }
      if isStopped { throw try stop(at: position, trainer, &record, communicator) }
      let times = try communicator.gather(
        bytesOf: trainer.rankTime(from: before, to: position, seconds: seconds(since: start), communicator))
      let validation = try trainer.evaluate(trainer.events.validation, communicator)
      let epoch = position.epoch + 1
      let result = EpochRecord(
        epoch: epoch, learningRate: trainer.learningRate(atEndOf: epoch),
        training: MetricValues(position.sums, monitoring.metrics.ofSteps),
        validation: validation?.metrics, seconds: seconds(since: start))
      report.print(result, monitoring.metrics, events: position.sums.events - before.sums.events)
      // Before the comparison: if one rank's memory is corrupted while it waits there, the next step notices. After it,
      // that rank would end the run alone, and the others would wait for it.
      let isSound = try trainer.isSound(validation, communicator)
      let compared = try trainer.requireEqualReplicas(after: "epoch \(epoch)", communicator)
      guard isSound else { throw trainer.divergence(after: epoch) }
      if let validation,
        let rate = trainer.adjustLearningRate(
          value: validation.metrics[monitor.metric], prefersSmaller: monitor.metric.prefersSmaller)
      {
        report.printFall(of: rate, after: epoch, file.training.schedule, monitor.metric)
      }
      position = TrainingPosition(epoch: epoch)
      if let validation { monitor.note(validation.metrics[monitor.metric]) }
      let isLast = epoch == epochs || monitor.shouldStop
      try record.write(communicator) { writer in
        try writer.finish(
          result, RankTimes(times), best: monitor.best, isLast: isLast, state: trainer.state(comparedAs: compared),
          report)
      }
    }
    if position.epoch < epochs { report.print("Stopped early: \(monitor.reason)") }
    // From here on nothing checks for a request to stop.
    StopRequest.stopListening()
    try summarize(&trainer, &record, epochs: position.epoch, seconds: clock.seconds, communicator)
  }

  /// Writes a checkpoint for a run that stops at the request of a rank; returns why.
  private func stop(
    at position: TrainingPosition, _ trainer: borrowing Trainer, _ record: inout RunRecord,
    _ communicator: borrowing Communicator
  ) throws -> AgreedFailure {
    let place = "epoch \(position.epoch + 1), step \(position.step) of \(trainer.plan.stepsPerEpoch)"
    let isFinite = trainer.isFinite
    let compared = try trainer.requireEqualReplicas(after: place, communicator)
    guard isFinite else { throw trainer.divergence(after: position.epoch + 1) }
    try record.write(communicator) { try $0.stop(at: position, trainer.state(comparedAs: compared), log: report.log) }
    let reasons = try communicator.gather(
      StopRequest.current.map { "\($0) (rank \(communicator.rank)@\(hostName()))" } ?? "")
    let reason = reasons.first { !$0.isEmpty } ?? ""
    try communicator.barrier()
    return AgreedFailure(
      .stopped, "stopped by \(reason) after \(place); continue with --resume \(record.folder.path)")
  }

  /// Restores the best model, evaluates it on all events and writes the final results.
  private func summarize(
    _ trainer: inout Trainer, _ record: inout RunRecord, epochs: Int, seconds: Double,
    _ communicator: borrowing Communicator
  ) throws {
    guard file.training.epochs > 0 else { return report.printNextSteps(record.folder, file) }
    let best = try record.readModel(communicator)
    trainer.use(Model.Layer.values(best.model.layers, trainer.network.layout))
    let events = trainer.events
    // Scores are compared on the events that the result is quoted for: test events, else what there is.
    let validation = try trainer.evaluate(events.validation, comparingScores: events.test.isEmpty, communicator)
    let isWhole = events.validation.isEmpty && events.test.isEmpty
    let summary = RunSummary(
      classes: events.classNames, features: events.featureNames, classWeights: events.classWeights,
      meanWeight: events.meanWeight, eventWeights: FormerWeights(events.header), epochs: epochs,
      bestEpoch: best.position.epoch,
      steps: epochs * trainer.plan.stepsPerEpoch,
      training: try trainer.evaluate(events.training, comparingScores: isWhole, communicator), validation: validation,
      test: try trainer.evaluate(events.test, comparingScores: true, communicator),
      processes: try trainer.scoresOfProcesses(communicator))
    report.print(summary, ModelFaults(file, events), metricsFile: record.folder.metrics, seconds: seconds)
    report.print(record.written, seconds: seconds)
    report.printNextSteps(record.folder, file)
    try record.write(communicator) { try $0.write(summary, log: report.log) }
  }

  /// Compares the events in the memory of every host, and what training starts from.
  private static func requireSameStart(_ trainer: borrowing Trainer, _ communicator: borrowing Communicator) throws {
    guard communicator.size > 1 else { return }
    // The ranks of a host share its events, so one of them checks for all. With a single host there is nothing to compare.
    let isFirstOfHost = try communicator.splitByHost().isRoot
    let hosts = try communicator.gather(isFirstOfHost).count { $0 }
    var events = BitDigest()
    if isFirstOfHost, hosts > 1 { trainer.events.withBytes { events.update($0) } }
    try communicator.requireAgreement(
      on: [
        SharedFact(
          name: "events", value: isFirstOfHost && hosts > 1 ? events.bytes : [],
          advice: "they were damaged on the way from rank 0: check its host's memory and the network, and start again"),
        SharedFact(
          name: "starting parameters", value: trainer.stateDigest,
          advice: "its memory or processor may be faulty: leave its host out"),
      ], when: "before the first step")
  }
}
