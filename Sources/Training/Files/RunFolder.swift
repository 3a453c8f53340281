/// Where the files of a run are.
public struct RunFolder: Equatable, Sendable {
  /// A checkpoint in the folder.
  public struct Checkpoint: Equatable, Sendable {
    /// The epoch in its name.
    public let epoch: Int
    /// The file.
    public let path: String
  }

  /// The folder itself.
  public let path: String

  /// The folder at `path`, which need not exist.
  public init(_ path: String) { self.path = path }

  /// The run file with everything that was given on the command line.
  public var configuration: String { "\(path)/config.yaml" }
  /// A line for each epoch: `HistoryFile`.
  public var history: String { "\(path)/history.csv" }
  /// The cost of every step: `CostsFile`.
  public var costs: String { "\(path)/costs.npy" }
  /// The parameters that did best on the validation events: `Safetensors`.
  public var model: String { "\(path)/model.safetensors" }
  /// What the run printed.
  public var log: String { "\(path)/log.txt" }
  /// What the run came to.
  public var metrics: String { "\(path)/metrics.json" }

  /// The checkpoint of this `epoch`: `checkpoints/epoch-0007.safetensors`.
  public func checkpoint(epoch: Int) -> Checkpoint {
    let digits = String(epoch)
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return Checkpoint(epoch: epoch, path: "\(checkpointDirectory)/\(Self.prefix)\(padded)\(Self.suffix)")
  }

  /// The checkpoints that are there, newest first. None in a folder without any.
  public func checkpoints() throws(FileError) -> [Checkpoint] {
    var found: [Checkpoint] = []
    for name in try FileSystem.list(checkpointDirectory)
    where name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix) {
      guard let epoch = Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)) else { continue }
      let checkpoint = checkpoint(epoch: epoch)
      // Only under the name that we would give it ourselves: not epoch-7, not epoch-+007.
      if checkpoint.path.hasSuffix("/\(name)") { found.append(checkpoint) }
    }
    return found.sorted { $0.epoch > $1.epoch }
  }

  /// Makes the folder where it is missing, and clears it of what an interrupted writer left half written.
  ///
  /// Only for the one process that writes here, before it does.
  public func prepare() throws(FileError) {
    try FileSystem.makeDirectories(checkpointDirectory)
    try AtomicFile.removeLeftovers(in: path)
    try AtomicFile.removeLeftovers(in: checkpointDirectory)
  }

  /// Deletes all checkpoints but the newest `keep`.
  ///
  /// - Precondition: `keep` ≥ 1, for the newest is what a run resumes from.
  public func prune(keep: Int) throws(FileError) {
    precondition(keep >= 1, "the newest checkpoint must stay")
    for checkpoint in try checkpoints().dropFirst(keep) { try FileSystem.remove(checkpoint.path) }
  }

  private static let prefix = "epoch-"
  private static let suffix = ".safetensors"

  private var checkpointDirectory: String { "\(path)/checkpoints" }
}
