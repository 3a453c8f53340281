import Machine

/// The results of one pass over all events before memory is allocated for them. All CPUs take part; the results do not depend on their
/// number.
struct EventScan: Sendable {
  /// The chunks of each process, in the order of its events.
  private(set) var chunks: [[Chunk]] = []
  /// Of the training events.
  private(set) var moments: FeatureMoments
  /// A sample evenly spread over the training events: (events, features).
  private(set) var sample: [Float] = []
  /// The power of two that is the unit of each column of physics weights; empty if events have no weights.
  private(set) var units: [Int] = []
  /// In a check: for each file the first unusable value outside its features. A chunk with such a value has no results for single events.
  private(set) var faults: [DataError] = []
  /// In a check: what of the features cannot be used.
  private(set) var unusable = UnusableValues()

  /// Reads all events once; `columns` and `splits` have one element per process. With the `plan` of a check, reads only the events it
  /// chooses and accepts any values of their features.
  /// - Throws: the first unusable value in the order of processes and files; a check stores it in ``faults`` instead.
  init(
    _ processes: [ProcessEvents], _ classes: EventClasses, _ reader: FeatureReader, _ columns: [ExtraColumns],
    _ splits: [Split.Process], _ rule: TrainingRule, surveying plan: SurveyPlan? = nil
  ) throws(DataError) {
    moments = FeatureMoments(features: reader.features)
    let trained = zip(processes, classes.roles).filter { $1.use == .train }.map(\.0)
    let sampleEvery = max(1, trained.reduce(0) { $0 + $1.events } / 16384)
    for (number, process) in processes.enumerated() {
      var chunks = Chunk.chunks(of: process)
      if let plan { chunks = plan.chunks(of: chunks.count, process: number).map { [chunks] in chunks[$0] } }
      // The index of the first event of each chunk among the events read.
      let firstRead = chunks.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.events.count) }
      let isTrained = classes.roles[number].use == .train
      let groups = classes.hasLabels(process: number) ? classes.names.count : 1
      let found = concurrentMap(chunks.count) { [chunks] index in
        Part(
          process, chunks[index], reader, sampleEvery: isTrained ? sampleEvery : nil, columns[number],
          splits[number], groups: groups, rule,
          sampling: plan.map { plan in
            let (start, end) = (firstRead[index], firstRead[index + 1])
            return plan.sample(in: start..<end, of: firstRead[chunks.count], process: number).map { $0 - start }
          })
      }
      if plan == nil { try Self.throwFirst(found.map(\.fault), of: chunks) }
      var faulty = Set<Int>()
      for (index, part) in found.enumerated() {
        if plan != nil {
          chunks[index].survey = part.survey
          if let found = part.unusable { unusable.append(found) }
          if let fault = part.fault, faulty.insert(chunks[index].source).inserted { faults.append(fault.error) }
        }
        chunks[index].counts = part.counts
        chunks[index].uses = part.uses
        chunks[index].extra = part.extra
        chunks[index].groups = part.groups
        chunks[index].cuts = part.cuts
        moments.append(part.moments)
        sample += part.sample
      }
      self.chunks.append(chunks)
    }
    let hasWeights = chunks.joined().contains { !$0.extra.weights.isEmpty }
    guard hasWeights else { return }
    for column in 0..<(chunks.joined().map(\.extra.weights.count).max() ?? 0) {
      let found = zip(chunks, classes.roles).filter { $1.use == .train }.flatMap { chunks, _ in
        chunks.compactMap { $0.extra.weights.isEmpty ? nil : $0.extra.weights[column].unit }
      }
      units.append(found.max() ?? 0)
    }
  }

  /// Frees the data of the events of a process except their uses.
  mutating func release(process number: Int) {
    for index in chunks[number].indices { chunks[number][index].extra = ExtraColumns.Values() }
  }

  /// Throws the first fault in the first file with any; `faults` has one element per chunk, all of which were read.
  static func throwFirst(_ faults: [EventFault?], of chunks: [Chunk]) throws(DataError) {
    guard let first = faults.firstIndex(where: { $0 != nil }) else { return }
    try EventFault.throwFirst(
      zip(chunks, faults).filter { $0.0.source == chunks[first].source }.compactMap(\.1))
  }
}
