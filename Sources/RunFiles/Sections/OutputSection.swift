extension RunFile {
  /// The section `output`: where the results go.
  package struct OutputSection: Equatable, Sendable, Codable {
    /// The folder of all runs, relative to the working directory. Default: `runs`.
    package var directory: String
    /// Epochs from one checkpoint to the next, 1 to 10⁹. Default: 1.
    package var checkpointEvery: Int
    /// How many of the latest checkpoints to keep, 2 to 10⁹: one may turn out to be damaged. Default: 3.
    package var keep: Int
  }
}

extension RunFile.OutputSection {
  init(_ section: RunFileSection) {
    directory = section["directory"]?.filePath() ?? "runs"
    checkpointEvery = section["checkpoint_every"]?.count() ?? 1
    keep = section["keep"]?.integer(2...1_000_000_000) ?? 3
  }

  var yaml: String {
    """
    output:
      directory: \(directory.yaml)
      checkpoint_every: \(checkpointEvery)
      keep: \(keep)
    """
  }
}
