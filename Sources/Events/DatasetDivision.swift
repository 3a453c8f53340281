/// Which event goes where in a data set: known before any is moved, so that the memory can be had first.
public struct DatasetDivision: Sendable {
  /// Events per process.
  public let counts: [Dataset.Counts]
  /// For each process the use of each event.
  private let parts: [[Split.Part]]

  /// Divides the events of all processes.
  ///
  /// - Throws: `DataError` if a process has no training event.
  public init(_ processes: [ProcessEvents], split: Split, seed: UInt64) throws(DataError) {
    parts = processes.enumerated().map { process, events in
      split.parts(process: process, count: events.table.events, seed: seed)
    }
    counts = parts.map { parts in
      var numbers = InlineArray<3, Int>(repeating: 0)
      for part in parts { numbers[part.rawValue] += 1 }
      return Dataset.Counts(training: numbers[0], validation: numbers[1], test: numbers[2])
    }
    for (process, counts) in zip(processes, counts) where counts.training == 0 && split.training > 0 {
      throw DataError(
        .badData, file: process.files.first?.path ?? process.name,
        what: "none of the \(counts.total) events of process '\(process.name)' falls into the training split",
        advice: "give it more events or raise split.train")
    }
  }

  /// How many numbers a data set of these events holds.
  public func numbers(features: Int) -> Int {
    counts.reduce(0) { $0 + $1.total } * (Dataset.stride(features: features) + 1)
  }

  /// Puts all events in their places, as ``Dataset/withNumbers(_:)`` describes, and standardises them.
  ///
  /// Every process gives up its events as soon as they are moved: with the memory of `numbers` filling up meanwhile, events
  /// stand in memory once, and those of one process twice.
  public func move(
    _ processes: inout [ProcessEvents], to numbers: inout MutableSpan<Float>, features: Int, scaling: Dataset.Scaling
  ) -> Standardization {
    let stride = Dataset.stride(features: features)
    let total = counts.reduce(0) { $0 + $1.total }
    precondition(numbers.count == total * (stride + 1), "\(numbers.count) numbers for \(total) events")
    var row = 0
    var next = counts.map { _ in InlineArray<3, Int>(repeating: 0) }
    for part in Split.Part.allCases {
      for (process, counts) in counts.enumerated() {
        next[process][part.rawValue] = row
        row += [counts.training, counts.validation, counts.test][part.rawValue]
      }
    }
    for process in processes.indices {
      move(processes[process].table, parts[process], label: process, to: &numbers, next[process], total: total)
      processes[process].table.values = []
    }
    let standardization =
      switch scaling {
      case .measured:
        Standardization(
          measuring: numbers.span, rows: 0..<counts.reduce(0) { $0 + $1.training }, stride: stride, features: features)
      case .given(let given): given
      }
    if !standardization.isIdentity { standardization.apply(to: &numbers, rows: total, stride: stride) }
    return standardization
  }

  /// The events of one process; `next` is where the first of each part goes.
  private func move(
    _ table: EventTable, _ parts: [Split.Part], label: Int, to numbers: inout MutableSpan<Float>,
    _ next: InlineArray<3, Int>, total: Int
  ) {
    var next = next
    let (features, stride) = (table.features, Dataset.stride(features: table.features))
    let values = table.values.span
    for event in parts.indices {
      let row = next[parts[event].rawValue]
      next[parts[event].rawValue] += 1
      for feature in 0..<features { numbers[row * stride + feature] = values[event * features + feature] }
      for column in features..<stride { numbers[row * stride + column] = 0 }
      numbers[total * stride + row] = Float(bitPattern: UInt32(label))
    }
  }
}
