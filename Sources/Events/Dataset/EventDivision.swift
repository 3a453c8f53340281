import Machine
public import MPI

/// Events that were read, and where in a store each of them goes: known before any is moved, so that the memory can be had
/// first.
public struct EventDivision: Sendable {
  public let header: EventStore.Header
  /// For each process the use of each event.
  private let uses: [[EventUse]]
  /// The processes whose events were not moved yet.
  public private(set) var processes: [ProcessEvents]

  /// Divides the events of all processes and measures the standardisation.
  ///
  /// - Throws: `DataError` if a process has no training event.
  public init(
    _ processes: [ProcessEvents], featureNames: [String], split: Split, seed: UInt64, scaling: Scaling,
    classWeights: ClassWeights
  ) throws(DataError) {
    let uses = processes.enumerated().map { process, events in
      split.uses(process: process, count: events.table.events, seed: seed)
    }
    let counts = uses.map { uses in
      var counts = EventCounts()
      for use in uses { counts[use] += 1 }
      return counts
    }
    for (process, counts) in zip(processes, counts) where counts.training == 0 && split.train > 0 {
      throw DataError(
        .badData, file: process.files.first?.path ?? process.name,
        what: "none of the \(counts.total) events of process '\(process.name)' falls into the training split",
        advice: "give it more events or raise split.train")
    }
    let identities = processes.first?.table.integers.count ?? 0
    // How several columns make one identity is not decided yet.
    guard identities <= 1 else {
      throw DataError(
        .badData, file: processes.first?.files.first?.path ?? "", what: "\(identities) columns identify an event",
        advice: "name one")
    }
    for process in processes {
      precondition(process.table.features == featureNames.count, "\(process.table.features) features")
      precondition(process.table.integers.count == identities, "processes with and without identities")
    }
    let standardization =
      switch scaling {
      case .measured: Standardization(measuring: processes.map(\.table), uses, features: featureNames.count)
      case .given(let given): given
      }
    header = EventStore.Header(
      classNames: processes.map(\.name), featureNames: featureNames, counts: counts, standardization: standardization,
      classWeights: classWeights.values(counts), hasGivenIdentities: identities > 0)
    self.processes = processes
    self.uses = uses
  }

  /// Puts all events in their places, standardised.
  ///
  /// Every process gives up its events as soon as they are moved: with the memory of the store filling up meanwhile, events
  /// are in memory once, and those of one process twice.
  public mutating func move(to contents: inout SharedMemory.Contents) {
    let layout = header.layout
    let standardization = header.standardization.isIdentity ? nil : header.standardization
    for process in uses.indices {
      let table = processes.removeFirst().table
      let (values, identities) = (table.values.span, table.integers.first)
      contents.write(layout.features) { numbers in
        forEachEvent(of: process) { event, row in
          let (from, to) = (event * table.features, row * layout.stride)
          if let standardization {
            for feature in 0..<table.features {
              numbers[to + feature] = standardization.applied(to: values[from + feature], feature)
            }
          } else {
            for feature in 0..<table.features { numbers[to + feature] = values[from + feature] }
          }
          for column in table.features..<layout.stride { numbers[to + column] = 0 }
        }
      }
      contents.write(layout.classes) { classes in
        forEachEvent(of: process) { _, row in classes[row] = Int32(process) }
      }
      contents.write(layout.identities) { numbers in
        forEachEvent(of: process) { event, row in numbers[row] = identities?[event] ?? UInt64(event) }
      }
    }
  }

  /// Calls `body` with the number of each event of a process in its files, in their order, and with its row.
  private func forEachEvent(of process: Int, _ body: (_ event: Int, _ row: Int) -> Void) {
    // Where the next event of each use goes; an array, as a branch on the use would be mispredicted.
    var (next, row) = (InlineArray<3, Int>(repeating: 0), 0)
    for use in EventUse.allCases {
      next[use.rawValue] = row + header.counts[..<process].reduce(0) { $0 + $1[use] }
      row += header.counts.total(use)
    }
    let uses = uses[process]
    for event in uses.indices {
      let use = uses[event].rawValue
      body(event, next[use])
      next[use] += 1
    }
  }
}
