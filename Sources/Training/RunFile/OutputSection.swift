extension RunFile {
  /// The section `output`: where the results go.
  public struct OutputSection: Equatable, Sendable {
    /// The folder of all runs, relative to the working directory. Default: `runs`.
    public var directory: String
    /// Epochs from one checkpoint to the next, 1 to 10⁹. Default: 1.
    public var checkpointEvery: Int
    /// How many of the latest checkpoints stay, 2 to 10⁹: one may turn out to be torn. Default: 3.
    public var keep: Int
  }
}

extension RunFile.OutputSection {
  init(_ section: RunFileSection) {
    directory = section["directory"]?.filePath() ?? "runs"
    checkpointEvery = section["checkpoint_every"]?.count() ?? 1
    keep = section["keep"]?.integer(2...1_000_000_000) ?? 3
  }
}
