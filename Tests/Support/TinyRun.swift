/// Made-up events of three processes in text files of a temporary folder, and a run file that trains a small network on
/// them.
package struct TinyRun: Sendable {
  package let folder: TemporaryFolder
  /// The features of every event, process after process in the order of the files.
  package let rows: [[Float]]
  /// The class of every event.
  package let labels: [Int]

  package static let processes = ["signal", "top", "other"]
  package static let features = ["x", "y", "z"]

  /// So many events of each process; every process has its own mean, so that there is something to learn.
  package init(events: [Int] = [90, 60, 50], seed: UInt64 = 1) throws {
    var generator = SeededGenerator(state: seed)
    var (rows, labels): ([[Float]], [Int]) = ([], [])
    folder = try TemporaryFolder()
    for (process, count) in events.enumerated() {
      let new = (0..<count).map { _ in
        Self.features.indices.map { feature in
          Float.random(in: -2...2, using: &generator) + (feature == process ? 1 : 0)
        }
      }
      rows += new
      labels += new.map { _ in process }
      try folder.write("\(Self.processes[process]).txt", Self.text(new))
    }
    (self.rows, self.labels) = (rows, labels)
    try folder.write("tiny.yaml", yaml)
  }

  /// The text of a file of events: a float's description gives the same bits back.
  package static func text(_ rows: [[Float]]) -> String {
    rows.map { row in row.map { "\($0)" }.joined(separator: " ") + "\n" }.joined()
  }

  /// Where the run file is.
  package var path: String { folder("tiny.yaml") }

  /// The run's own folder.
  package var runFolder: String { folder("runs/tiny") }

  package var yaml: String {
    """
    data:
      processes: [\(Self.processes.map { "{name: \($0), files: [\($0).txt]}" }.joined(separator: ", "))]
      features: [\(Self.features.joined(separator: ", "))]
      layout: events_by_row
    split: {seed: 7}
    network: {hidden: [8, 5], activation: [tanh, relu], initializer: he_uniform}
    training:
      optimizer: {learning_rate: 0.05, momentum: 0.9, weight_decay: 0}
      schedule: {step: {factor: 0.5, every: 2}}
      warmup_epochs: 0.5
      batch_size: 32
      epochs: 3
      seed: 7
    output: {directory: "\(folder("runs"))"}

    """
  }

  /// Overrides that make every event a training event, as it stands in its file and in the order of the files.
  package static let asWritten: [(key: String, value: String)] = [
    ("split", "{train: 1, validation: 0, test: 0}"), ("data.standardize", "false"), ("training.shuffle", "false"),
  ]
}
