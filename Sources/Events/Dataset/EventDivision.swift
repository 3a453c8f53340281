import Machine
public import MPI

/// Events whose files are known, and the row of each in the store: known before any is moved, so that the memory can be
/// allocated first.
public struct EventDivision: Sendable {
  public let header: EventStore.Header
  /// What users should know of the features and the weights.
  let findings: [Finding]
  /// The same, one line each.
  public var warnings: [String] { findings.map(\.line) }
  private var scan: EventScan
  private let reader: FeatureReader
  /// The processes whose events were not moved yet.
  public private(set) var processes: [ProcessEvents]

  /// Divides the events of all processes and measures standardisation and class factors.
  ///
  /// - Parameters:
  ///   - classes: nil: every process is a class.
  ///   - meanWeight: That of the training (see `EventStore.Header`); nil: that of these training events.
  ///   - former: The factors of an earlier training; nil: those of these training events.
  ///   - preprocessing: Then the feature names are those of its inputs. nil: the columns are the features.
  /// - Throws: `DataError` if a value cannot be used, or a process has no training event.
  public init(
    _ processes: [ProcessEvents], featureNames: [String], split: Split, seed: UInt64, scaling: Scaling,
    classWeights: ClassWeights, classes: EventClasses? = nil, weighting: Weighting = Weighting(),
    meanWeight: Double? = nil, former: FormerWeights? = nil, preprocessing: PreprocessingSource? = nil
  ) throws(DataError) {
    let classes = classes ?? EventClasses(eachOf: processes.map(\.name))
    let reading = try Self.read(
      processes, featureNames: featureNames, split: split, seed: seed, classes: classes, weighting: weighting,
      preprocessing: preprocessing)
    try self.init(
      processes, reading, featureNames: featureNames, split: split, scaling: scaling, classWeights: classWeights,
      classes: classes, weighting: weighting, meanWeight: meanWeight, former: former)
  }

  /// The result of one pass over the events, and how they were read.
  struct Reading {
    let scan: EventScan
    let reader: FeatureReader
    let preprocessing: FittedPreprocessing?

    /// The number of features at the end that flag missing values.
    var flags: Int { preprocessing?.preprocessing.missing?.flags.count ?? 0 }
  }

  /// Reads all events once, after fitting the preprocessing; for a check, only the events that its `plan` chooses.
  static func read(
    _ processes: [ProcessEvents], featureNames: [String], split: Split, seed: UInt64, classes: EventClasses,
    weighting: Weighting, preprocessing: PreprocessingSource?, surveying plan: SurveyPlan? = nil
  ) throws(DataError) -> Reading {
    let identities = processes.first?.sources.first?.columnCounts.identities ?? 0
    for source in processes.flatMap(\.sources) {
      precondition(preprocessing != nil || source.features == featureNames.count, "\(source.features) features")
      precondition(source.columnCounts.identities == identities, "files with and without identities")
    }
    let trainedNumbers = processes.indices.filter { classes.roles[$0].use == .train }
    let paths = trainedNumbers.flatMap { processes[$0].files.map(\.path) }
    if let fault = split.faultOfPatterns(paths) { throw fault }
    let hasWeights = hasWeights(processes, classes, weighting)
    let rule = TrainingRule(isUsed: weighting.isUsed, negative: weighting.negative)
    let columns = processes.enumerated().map { number, process in
      ExtraColumns(number, process.name, classes, weighting, split, identity: identities, hasWeights: hasWeights)
    }
    let splits = processes.enumerated().map { number, process in
      Split.Process(
        // Numbered among the processes that are split, so that others can be added or removed.
        split, classes.roles[number].use, process: trainedNumbers.firstIndex(of: number) ?? number,
        paths: process.files.map(\.path), seed: seed)
    }
    let fitted = try preprocessing.map { source throws(DataError) in
      try source.fitted(events: trainedNumbers.reduce(0) { $0 + processes[$1].events }) {
        preprocessor, selector, every throws(DataError) in
        try EventScan.sample(
          processes, classes, preprocessor, .computed(selector), every: every, columns, splits, rule,
          allowsUnusable: plan != nil)
      }
    }
    let reader =
      try fitted.map { fitted throws(DataError) in FeatureReader.computed(try Preprocessor(of: fitted)) }
      ?? .columns(featureNames.count)
    let scan = try EventScan(processes, classes, reader, columns, splits, rule, surveying: plan)
    // Chunks with faults, which a check reports, have no cutflow.
    for number in trainedNumbers where !reader.terms.isEmpty && scan.faults.isEmpty && scan.unusable.found.isEmpty {
      guard scan.cutflow(ofProcess: number, terms: reader.terms.count).last?.events == 0 else { continue }
      throw DataError(
        .badData, file: "process \(processes[number].name)",
        what: "none of its \(counted(processes[number].events, "event")) passes data.selection",
        advice: "loosen the selection, or remove the process")
    }
    return Reading(scan: scan, reader: reader, preprocessing: fitted)
  }

  private static func hasWeights(_ processes: [ProcessEvents], _ classes: EventClasses, _ weighting: Weighting) -> Bool
  {
    !weighting.numbers.isEmpty || classes.roles.contains { $0.scale != nil }
      || processes.contains { $0.sources.contains { $0.fileWeights != nil } }
  }

  /// The findings about classes and weights of the events read.
  static func finding(
    _ processes: [ProcessEvents], _ scan: EventScan, split: Split, classes: EventClasses, weighting: Weighting
  ) -> WeightFinding {
    let groups = processes.indices.map { number in
      ClassGroups(scan.groups(ofProcess: number), classes.index(ofProcess: number), classes: classes.names.count)
    }
    return WeightFinding(
      processes, classes, groups, split, weighting, hasWeights: hasWeights(processes, classes, weighting),
      unit: scan.units.first ?? 0)
  }

  /// Divides the events after the scan.
  init(
    _ processes: [ProcessEvents], _ reading: Reading, featureNames: [String], split: Split, scaling: Scaling,
    classWeights: ClassWeights, classes: EventClasses, weighting: Weighting, meanWeight: Double? = nil,
    former: FormerWeights? = nil
  ) throws(DataError) {
    let (scan, reader) = (reading.scan, reading.reader)
    let finding = Self.finding(processes, scan, split: split, classes: classes, weighting: weighting)
    let (groups, hasWeights) = (finding.groups, finding.hasWeights)
    let rule = TrainingRule(isUsed: weighting.isUsed, negative: weighting.negative)
    let identities = processes.first?.sources.first?.columnCounts.identities ?? 0
    try finding.requireTraining()
    let counts = finding.countsOfClasses
    let isWeighted = hasWeights && weighting.isUsed
    let factors =
      // Other events have a unit of their own: their figures are ratios, for which a power of two does not matter.
      former?.factors
      ?? ClassFactors(
        classWeights, share: weighting.share, hasWeights: isWeighted,
        zip(groups, classes.roles).map { groups, role in
          groups.classes.map { group in
            guard let group, role.use == .train else { return ClassFactors.Group(events: 0, weight: 0) }
            let events = group.counts.training
            return ClassFactors.Group(
              events: events, weight: isWeighted ? group.weights.trainedMagnitudes : Double(events))
          }
        })
    let standardization =
      switch scaling {
      case .measured: Standardization(scan.moments)
      case .given(let given): given
      }
    var weightColumns: [EventStore.Header.WeightColumn] = []
    if isWeighted || !factors.areThoseOfClasses { weightColumns.append(.init(.monitor)) }
    if hasWeights {
      let kinds = [.nominal] + weighting.variations.map { EventStore.Header.WeightColumn.Kind.variation($0.name) }
      weightColumns += zip(kinds, scan.units).map { .init($0, unit: $1) }
    }
    // What the weights of each process add up to, class by class; nil where they are those of the classes.
    let totals: [[WeightTotals]?] = processes.indices.map { number in
      guard weightColumns.first?.kind == .monitor, classes.roles[number].use == .train else { return nil }
      return scan.totals(
        ofProcess: number, factors.processes[number], classes.index(ofProcess: number), isWeighted ? rule : nil)
    }
    let sums = totals.compactMap { $0 }.joined()
    let training = Double(counts.total(.training))
    header = EventStore.Header(
      classNames: classes.names, featureNames: featureNames, counts: counts,
      processes: processes.indices.map { number in
        let byLabel = classes.hasLabels(process: number)
        return .init(
          name: processes[number].name, classIndex: classes.index(ofProcess: number), use: classes.roles[number].use,
          counts: groups[number].all.counts, factors: factors.processes[number],
          trainingWeights: totals[number].map { $0.map(\.training) }
            ?? (byLabel ? finding.trainingWeights(number, factors.processes[number]) : nil),
          yield: hasWeights ? finding.yield(number) : nil, classSums: finding.classSums(number, hasWeights: hasWeights))
      }, standardization: standardization, classWeights: factors.classes,
      meanWeight: meanWeight ?? former?.mean
        ?? (sums.isEmpty ? nil : sums.reduce(0) { $0 + $1.training } / training),
      meanMonitorWeight: former?.monitorMean
        ?? (sums.isEmpty ? nil : sums.reduce(0) { $0 + $1.monitor } / training),
      weights: weightColumns, hasGivenIdentities: identities > 0,
      trainsOnSigns: isWeighted && weighting.negative == .keep, usesWeights: isWeighted,
      preprocessing: reading.preprocessing,
      cutflow: reader.terms.isEmpty
        ? nil
        : EventStore.Header.Cutflow(
          terms: reader.terms,
          processes: processes.indices.map { scan.cutflow(ofProcess: $0, terms: reader.terms.count) }))
    try finding.requirePositive(header)
    findings =
      FeatureWarnings(names: featureNames, flags: reading.flags, scan.moments, sample: scan.sample).findings
      + finding.warnings(scan, isTraining: former == nil && meanWeight == nil)
    (self.processes, self.scan, self.reader) = (processes, scan, reader)
  }

  /// What each event is used for, file after file in the order of the processes: the content of split.npy.
  public var uses: [EventUse] { scan.chunks.flatMap { $0.flatMap(\.uses) } }

  /// Puts all events in their places, standardised, with all CPUs.
  ///
  /// Every process gives up its events as soon as they are moved: with the memory of the store filling up meanwhile, events that
  /// were read are in memory once, and those of one process twice.
  ///
  /// - Throws: if a file cannot be read any more; the store is not to be used then.
  public mutating func move(to contents: inout SharedMemory.Contents) throws(DataError) {
    for number in header.processes.indices {
      let process = processes.removeFirst()
      let (chunks, places) = (scan.chunks[number], firstRows(ofProcess: number))
      let place = EventPlace(header: header, number: number, units: scan.units, reader: reader)
      let faults = contents.concurrentlyWrite(header.layout, chunks.count) { index, rows in
        place.move(process, chunks[index], to: places[index], &rows)
      }
      try EventFault.throwFirst(faults.compactMap { $0 })
      scan.release(process: number)
    }
  }

  /// For each chunk of a process, the row of the first event of each use.
  private func firstRows(ofProcess process: Int) -> [EventCounts] {
    var next = EventCounts()
    for use in EventUse.stored { next[use] = header.rows(ofProcess: process, use).lowerBound }
    return scan.chunks[process].map { chunk in
      let first = next
      next += chunk.counts
      return first
    }
  }
}

/// How the events of a process get to their rows.
private struct EventPlace: Sendable {
  let header: EventStore.Header
  /// The number of the process.
  let number: Int
  /// Of the physics weights.
  let units: [Int]
  let reader: FeatureReader

  /// Moves the events of a chunk; the first of each use goes to the row that `first` says.
  func move(
    _ process: ProcessEvents, _ chunk: EventScan.Chunk, to first: EventCounts, _ rows: inout EventStore.Rows
  ) -> EventFault? {
    let features = header.featureNames.count
    var values = [Float](repeating: 0, count: chunk.events.count * features)
    var span = values.mutableSpan
    let source = process.sources[chunk.source]
    do throws(EventFault) {
      _ = try reader.read(source, chunk.events, path: process.path(ofSource: chunk.source), into: &span)
    } catch { return error }
    reader.fill(&span)
    if !header.standardization.isIdentity {
      header.standardization.apply(to: &span, rows: chunk.events.count, stride: features)
    }
    // An array, as a branch on the use would be mispredicted.
    var next = InlineArray<6, Int> { first[EventUse.stored[$0]] }
    let (labels, keys) = (chunk.extra.labels, chunk.extra.keys)
    let label = Int32(header.processes[number].classIndex ?? 0)
    let read = values.span
    var places = [Int](repeating: -1, count: header.weights.isEmpty ? 0 : chunk.events.count)
    for (event, use) in chunk.uses.enumerated() where use != .unselected {
      let row = next[use.rawValue]
      next[use.rawValue] += 1
      rows.write(
        row, features: read.extracting(event * features..<(event + 1) * features),
        label: labels.isEmpty ? label : Int32(labels[event]),
        identity: keys.isEmpty ? UInt64(chunk.firstOfProcess + event) : keys[event])
      if !places.isEmpty { places[event] = row }
    }
    if !places.isEmpty { writeWeights(chunk, at: places, label, &rows) }
    return nil
  }

  /// Writes the weight columns of a chunk whose events are in these rows.
  private func writeWeights(
    _ chunk: EventScan.Chunk, at places: [Int], _ label: Int32, _ rows: inout EventStore.Rows
  ) {
    let columns = zip(chunk.extra.weights, units).map { $0.values(inUnit: $1) }
    let factors = header.processes[number].factors
    for (event, row) in places.enumerated() where row >= 0 {
      var column = 0
      if header.hasMonitorWeights {
        let factor = factors[chunk.extra.labels.isEmpty ? Int(label) : Int(chunk.extra.labels[event])]
        rows.write(row, weight: (header.usesWeights ? columns[0][event] : 1) * factor, column: 0)
        column = 1
      }
      for values in columns {
        rows.write(row, weight: values[event], column: column)
        column += 1
      }
    }
  }
}
