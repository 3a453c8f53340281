import MPI
import RunFiles

/// The start that all ranks know of: what rank 0 found out.
struct AgreedStart {
  let run: RunFile
  let folder: RunFolder
  let isFinished: Bool
  private let isResumed: Bool
  /// On rank 0: the checkpoint to continue from.
  let resumed: RunStart.Resumed?
  /// On rank 0: the process that was in the folder last.
  let formerOwner: FolderOwner.Record?

  /// - Collective: every rank of the communicator calls it.
  init(_ request: RunRequest, _ communicator: borrowing Communicator) throws {
    struct Header: Codable {
      var run: RunFile
      var folder: String
      var isFinished: Bool
      var isResumed: Bool
    }
    var start: RunStart?
    let header = try communicator.fromRoot { () throws -> Header in
      let found = try RunStart(request)
      start = found
      return Header(
        run: found.run, folder: found.folder.path, isFinished: found.isFinished, isResumed: found.resumed != nil)
    }
    run = header.run
    folder = RunFolder(header.folder)
    isFinished = header.isFinished
    isResumed = header.isResumed
    resumed = start?.resumed
    formerOwner = start?.formerOwner
  }

  /// The checkpoint to continue from, nil for a new run: the other ranks decode the bytes that rank 0 has read.
  /// - Collective: every rank of the communicator calls it.
  func readCheckpoint(_ communicator: borrowing Communicator) throws -> Checkpoint? {
    guard isResumed else { return nil }
    let bytes = try communicator.fromRoot { resumed?.bytes ?? [] }
    return try resumed?.state ?? Checkpoint(decoding: bytes, path: folder.configuration)
  }
}
