extension RunFile {
  /// The section `output`: where the results go.
  public struct OutputSection: Equatable, Sendable {
    /// The folder of all runs, relative to the working directory. Default: `runs`.
    public var directory: String
    /// Epochs from one checkpoint to the next, 1 to 10⁹. Default: 1.
    public var checkpointEvery: Int
    /// How many of the latest checkpoints stay, up to 10⁹; at least 2, as one may turn out to be torn. Default: 3.
    public var keep: Int
  }
}

extension RunFile.OutputSection {
  init(_ section: RunFileSection) {
    directory = section["directory"]?.filePath() ?? "runs"
    checkpointEvery = section["checkpoint_every"]?.count() ?? 1
    // One was allowed once, and stands in the checkpoints of that time.
    keep = max(2, section["keep"]?.count() ?? 3)
  }
}
