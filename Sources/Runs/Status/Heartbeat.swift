import Dispatch
import FoundationEssentials
import Machine
import MPI
import Results
import Synchronization
import Training

/// Writes `status.json` now and then while a run trains, from a thread of its own: a file system that hangs holds up no
/// step.
///
/// Rank 0 alone has one. The file is replaced, not flushed: losing it in a power failure costs nothing.
final class Heartbeat: Sendable {
  private struct State {
    var status: RunStatus
    /// Steps before this start of the run, and when it began to train.
    var stepsBefore = 0
    var start = ContinuousClock.now
    var isOver = false
  }

  private let path: String
  private let batchSize: Int
  private let owner: FolderOwner
  private let watchdog: Watchdog
  private let state: Mutex<State>
  private let queue = DispatchQueue(label: "status.json")

  /// Starts it with what is known of the run, which is at `position`.
  init(
    _ status: RunStatus, path: String, position: TrainingPosition, batchSize: Int, _ owner: FolderOwner,
    _ watchdog: Watchdog
  ) {
    self.path = path
    self.batchSize = batchSize
    self.owner = owner
    self.watchdog = watchdog
    state = Mutex(State(status: status, stepsBefore: position.steps(perEpoch: status.stepsPerEpoch)))
    queue.async { self.beat(next: 1) }
  }

  /// An epoch is complete.
  func note(_ epoch: EpochRecord, best: Best?) {
    state.withLock { state in
      let monitor = state.status.monitor
      state.status.monitored = epoch.training[monitor.name]
      state.status.validationMonitored = epoch.validation?[monitor.name]
      state.status.best = best
    }
  }

  /// The last version of the file: the run came to its end, or ends early for a reason.
  func end(_ failure: Failure?) {
    queue.sync {
      state.withLock { state in
        state.isOver = true
        state.status.state = failure.map { $0.exitCode == .stopped ? .stopped : .failed } ?? .finished
        state.status.message = failure?.description
      }
      write()
    }
  }

  /// Writes the file, and again `next` seconds later: users check a run more often when it has just begun.
  private func beat(next: Int) {
    let isOver = state.withLock { state in
      guard !state.isOver else { return true }
      state.status.state =
        switch watchdog.currentPhase {
        case .training: .training
        case .evaluating: .evaluating
        case .writing: .writing
        default: .preparing
        }
      return false
    }
    guard !isOver else { return }
    write()
    queue.asyncAfter(deadline: .now() + .seconds(next)) { [weak self] in
      self?.beat(next: min(2 * next, RunStatus.interval))
    }
  }

  private func write() {
    let (epoch, step) = watchdog.currentStep
    let status = state.withLock { state in
      state.status.updated = Date()
      guard epoch > 0 else { return state.status }
      state.status.epoch = epoch
      state.status.step = step
      let steps = state.status.stepsPerEpoch
      let done = (epoch - 1) * steps + max(0, step - 1) - state.stepsBefore
      let elapsed = seconds(since: state.start)
      if done > 0 && elapsed > 0 {
        state.status.eventsPerSecond = Double(done * batchSize) / elapsed
        let left = state.status.epochs * steps - state.stepsBefore - done
        state.status.secondsLeft = state.isOver ? nil : Double(left) * elapsed / Double(done)
      }
      return state.status
    }
    guard owner.isStillOwner else { return }
    // If this fails, readers see an older version.
    try? AtomicFile.replace(status.encoded, at: path)
  }
}
