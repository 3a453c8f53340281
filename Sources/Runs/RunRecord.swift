import Events
import Machine
import MPI
import Results
import Training

/// The files of a run on all ranks: rank 0 writes, and if it cannot, all ranks fail together.
struct RunRecord {
  let folder: RunFolder
  /// On rank 0.
  private var writer: RunWriter?

  /// Prepares the folder.
  /// - Collective: every rank of the communicator calls it.
  init(
    _ start: AgreedStart, placement: Placement, _ trainer: borrowing Trainer, _ loaded: LoadedEvents,
    _ communicator: borrowing Communicator
  ) throws {
    folder = start.folder
    var writer: RunWriter?
    try communicator.onRoot {
      do {
        writer = try RunWriter(start, placement: placement, trainer, loaded, communicator.watchdog)
      } catch { throw start.folder.advising(error) }
    }
    self.writer = writer
  }

  /// Takes in the cost of a step.
  mutating func add(cost: Double) { writer?.add(cost: cost) }

  /// Lets rank 0 write; if it cannot, all ranks fail in the same way.
  /// - Collective: every rank of the communicator calls it.
  mutating func write(
    _ communicator: borrowing Communicator, _ body: (inout RunWriter) throws -> Void
  ) throws {
    try communicator.onRoot {
      do { try onRoot(body) } catch { throw folder.advising(error) }
    }
  }

  /// Runs `body` on rank 0 alone; not collective.
  mutating func onRoot(_ body: (inout RunWriter) throws -> Void) rethrows { try writer?.apply(body) }

  /// The best model.
  /// - Collective: every rank of the communicator calls it.
  func readModel(_ communicator: borrowing Communicator) throws -> Checkpoint {
    var mine: Checkpoint?
    // Decoded on rank 0 first: a file that is damaged fails on all ranks alike.
    let bytes = try communicator.fromRoot { () throws -> [UInt8] in
      guard let bytes = try writer?.readModel() else { return [] }
      mine = try Checkpoint(decoding: bytes, path: folder.model)
      return bytes
    }
    return try mine ?? Checkpoint(decoding: bytes, path: folder.model)
  }

  /// The monitored metric of the validation events of all epochs so far, of a run that continues.
  /// - Collective: every rank of the communicator calls it.
  func monitoredValues(_ metric: Metric, _ communicator: borrowing Communicator) throws -> [Double] {
    let bytes = try communicator.fromRoot { () throws -> [UInt8] in
      var bytes: [UInt8] = []
      bytes.append(bytesOf: try writer?.monitoredValues(metric) ?? [])
      return bytes
    }
    return [Double](littleEndian: bytes[...])
  }

  /// The time spent on checkpoints so far; nothing on ranks other than 0.
  var written: WrittenCheckpoints { writer?.written ?? WrittenCheckpoints() }
}
