import Machine
public import MPI

/// Events whose files are known, and where in a store each of them goes: known before any is moved, so that the memory can be
/// had first.
public struct EventDivision: Sendable {
  public let header: EventStore.Header
  /// What users should know of the features.
  public let warnings: [String]
  private let scan: EventScan
  private let split: Split
  private let seed: UInt64
  /// The processes whose events were not moved yet.
  public private(set) var processes: [ProcessEvents]

  /// Divides the events of all processes and measures the standardisation.
  ///
  /// `meanWeight` is that of the training (see `EventStore.Header`); nil: that of these training events.
  ///
  /// - Throws: `DataError` if a value cannot be used, or a process has no training event.
  public init(
    _ processes: [ProcessEvents], featureNames: [String], split: Split, seed: UInt64, scaling: Scaling,
    classWeights: ClassWeights, meanWeight: Double? = nil
  ) throws(DataError) {
    let identities = processes.first?.sources.first?.integers.count ?? 0
    // How several columns make one identity is not decided yet.
    guard identities <= 1 else {
      throw DataError(
        .badData, file: processes.first?.files.first?.path ?? "", what: "\(identities) columns identify an event",
        advice: "name one")
    }
    for source in processes.flatMap(\.sources) {
      precondition(source.features == featureNames.count, "\(source.features) features")
      precondition(source.integers.count == identities, "files with and without identities")
    }
    scan = try EventScan(processes, features: featureNames.count, split: split, seed: seed)
    let counts = scan.counts
    for (process, counts) in zip(processes, counts) where counts.training == 0 && split.train > 0 {
      throw DataError(
        .badData, file: process.files.first?.path ?? process.name,
        what: "none of the \(counts.total) events of process '\(process.name)' falls into the training split",
        advice: "give it more events or raise split.train")
    }
    let standardization =
      switch scaling {
      case .measured: Standardization(scan.moments)
      case .given(let given): given
      }
    header = EventStore.Header(
      classNames: processes.map(\.name), featureNames: featureNames, counts: counts, standardization: standardization,
      classWeights: classWeights.values(counts), meanWeight: meanWeight, hasGivenIdentities: identities > 0)
    warnings = FeatureWarnings(names: featureNames, scan.moments, sample: scan.sample).lines
    (self.processes, self.split, self.seed) = (processes, split, seed)
  }

  /// Puts all events in their places, standardised, with all CPUs.
  ///
  /// Every process gives up its events as soon as they are moved: with the memory of the store filling up meanwhile, events that
  /// were read are in memory once, and those of one process twice.
  ///
  /// - Throws: if a file cannot be read any more; the store is not to be used then.
  public mutating func move(to contents: inout SharedMemory.Contents) throws(DataError) {
    for number in header.counts.indices {
      let process = processes.removeFirst()
      let (chunks, places) = (scan.chunks[number], firstRows(ofProcess: number))
      let place = EventPlace(
        process: number, header: header, split: split.uses(process: number, seed: seed))
      let faults = contents.concurrentlyWrite(header.layout, chunks.count) { index, rows in
        place.move(process.sources, chunks[index], to: places[index], &rows)
      }
      try EventFault.throwFirst(faults.compactMap { $0 })
    }
  }

  /// For each chunk of a process, the row of the first event of each use.
  private func firstRows(ofProcess process: Int) -> [EventCounts] {
    var (next, row) = (EventCounts(), 0)
    for use in EventUse.allCases {
      next[use] = row + header.counts[..<process].reduce(0) { $0 + $1[use] }
      row += header.counts.total(use)
    }
    return scan.chunks[process].map { chunk in
      let first = next
      for use in EventUse.allCases { next[use] += chunk.counts[use] }
      return first
    }
  }
}

/// How the events of a process get to their rows.
private struct EventPlace: Sendable {
  let process: Int
  let header: EventStore.Header
  let split: Split.Process

  /// Moves the events of a chunk; the first of each use goes to the row that `first` says.
  func move(
    _ sources: [EventSource], _ chunk: EventScan.Chunk, to first: EventCounts, _ rows: inout EventStore.Rows
  ) -> EventFault? {
    let features = header.featureNames.count
    var values = [Float](repeating: 0, count: chunk.events.count * features)
    var span = values.mutableSpan
    let source = sources[chunk.source]
    do throws(EventFault) { try source.read(chunk.events, into: &span) } catch { return error }
    if !header.standardization.isIdentity {
      header.standardization.apply(to: &span, rows: chunk.events.count, stride: features)
    }
    // An array, as a branch on the use would be mispredicted.
    var next = InlineArray<3, Int> { first[EventUse.allCases[$0]] }
    let identities = source.integers.first
    let read = values.span
    for (event, use) in split.uses(chunk.firstOfProcess..<chunk.firstOfProcess + chunk.events.count).enumerated() {
      let row = next[use.rawValue]
      next[use.rawValue] += 1
      rows.write(
        row, features: read.extracting(event * features..<(event + 1) * features), label: Int32(process),
        identity: identities?[chunk.events.lowerBound + event] ?? UInt64(chunk.firstOfProcess + event))
    }
    return nil
  }
}
