import Machine
import Numerics

/// What one pass over all events finds, before memory is taken for them: by all CPUs, the same whatever their number.
struct EventScan: Sendable {
  /// Some events of a file.
  struct Chunk: Sendable {
    /// Their numbers in the file.
    let events: Range<Int>
    let source: Int
    /// The number of the first of them in its process.
    let firstOfProcess: Int
    /// How many of them have each use.
    fileprivate(set) var counts = EventCounts()
    /// What each of them is used for.
    fileprivate(set) var uses: [EventUse] = []
    /// What else was read of them.
    fileprivate(set) var extra = ExtraColumns.Values()
    /// Of each class, or of all where they have no labels.
    fileprivate(set) var groups: [EventGroup] = []
    /// For each term of the selection what fails it first, then what passes all; empty without a selection.
    fileprivate(set) var cuts: [SelectedEvents] = []
    /// What a check wants to know, where there is one.
    fileprivate(set) var survey: ChunkSurvey?

    /// All events of a process.
    static func chunks(of process: ProcessEvents) -> [Chunk] {
      var chunks: [Chunk] = []
      var first = 0
      for (source, events) in process.sources.enumerated() {
        for chunk in EventChunk.chunks(of: events.events) {
          chunks.append(Chunk(events: chunk, source: source, firstOfProcess: first + chunk.lowerBound))
        }
        first += events.events
      }
      return chunks
    }
  }

  /// For each process its chunks, in the order of its events.
  private(set) var chunks: [[Chunk]] = []
  /// Of the training events.
  private(set) var moments: FeatureMoments
  /// Some events, evenly spread over all that are trained on: (events, features).
  private(set) var sample: [Float] = []
  /// The power of two in which each column of physics weights is stored; none where events have no weights.
  private(set) var units: [Int] = []
  /// In a check: the first value of each file, beside those of its features, that cannot be used. What is known event by event is
  /// missing of the chunks that have one.
  private(set) var faults: [DataError] = []
  /// In a check: what of the features cannot be used.
  private(set) var unusable = UnusableValues()

  /// Reads all events once. `columns` and `splits` are those of the processes. With a `plan` for a check those events that it
  /// chooses, whatever the values of their features.
  /// - Throws: the first value that cannot be used, in the order of processes and files; for a check it is kept in ``faults``.
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
      // Of each chunk the number of its first event among those that are read.
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

  /// What the cuts do to the events of a process: for each term of the selection, the events that fail it first; then those that pass
  /// all.
  func cutflow(ofProcess number: Int, terms: Int) -> [SelectedEvents] {
    var sums = [SelectedEvents](repeating: SelectedEvents(), count: terms + 1)
    for chunk in chunks[number] {
      for (index, part) in chunk.cuts.enumerated() { sums[index] += part }
    }
    return sums
  }

  /// What the events of a process come to, class by class, or all together where they have no labels; weights in the unit of the nominal
  /// ones.
  func groups(ofProcess number: Int) -> [EventGroup] {
    var sums = [EventGroup](repeating: EventGroup(), count: chunks[number].first?.groups.count ?? 1)
    for chunk in chunks[number] {
      let exponent = (chunk.extra.weights.first?.unit ?? 0) - (units.first ?? 0)
      for (index, group) in chunk.groups.enumerated() {
        sums[index].counts += group.counts
        sums[index].weights.add(group.weights, inUnits: chunk.extra.weights.isEmpty ? 0 : exponent)
      }
    }
    return sums
  }

  /// Σt and Σv over the training events of each class of a process with these class factors, in double: of the float32 products that
  /// the store has. `rule` nil: weights do not count.
  func totals(ofProcess number: Int, _ factors: [Float], _ index: Int?, _ rule: TrainingRule?) -> [WeightTotals] {
    let chunks = chunks[number]
    let found = concurrentMap(chunks.count) { place -> [WeightTotals] in
      let chunk = chunks[place]
      let weights = rule == nil ? nil : chunk.extra.weights.first?.values(inUnit: units[0])
      var sums = [WeightTotals](repeating: WeightTotals(), count: factors.count)
      for (event, use) in chunk.uses.enumerated() where use == .training {
        let label = chunk.extra.labels.isEmpty ? index ?? 0 : Int(chunk.extra.labels[event])
        let product = Double((weights?[event] ?? 1) * factors[label])
        sums[label].training += rule?.negative == .keep ? product : product.magnitude
        sums[label].monitor += product
      }
      return sums
    }
    return found.reduce([WeightTotals](repeating: WeightTotals(), count: factors.count)) { sums, chunk in
      zip(sums, chunk).map { WeightTotals(training: $0.training + $1.training, monitor: $0.monitor + $1.monitor) }
    }
  }

  /// Frees what was kept of the events of a process, but for their uses.
  mutating func release(process number: Int) {
    for index in chunks[number].indices { chunks[number][index].extra = ExtraColumns.Values() }
  }

  /// The values that a preprocessor computes of one event in `every`, if it is trained on: (outputs, events), NaN where missing.
  /// `selector` finds out which events are selected. With `allowsUnusable` values that cannot be used are passed over; an expression
  /// that has no others gets some value.
  static func sample(
    _ processes: [ProcessEvents], _ classes: EventClasses, _ preprocessor: Preprocessor, _ selector: FeatureReader,
    every: Int, _ columns: [ExtraColumns], _ splits: [Split.Process], _ rule: TrainingRule, allowsUnusable: Bool
  ) throws(DataError) -> [[Double]] {
    var sample = [[Double]](repeating: [], count: preprocessor.inputNames.count)
    var unusableValues = UnusableValues()
    // By chance, as what is selected may be every other event.
    let random = CounterRandom(seed: 0, stream: RandomStream.preprocessing)
    let isDrawn = { @Sendable (event: UInt64) in every == 1 || random.uniform(event) * Double(every) < 1 }
    for (number, process) in processes.enumerated() where classes.roles[number].use == .train {
      let chunks = Chunk.chunks(of: process)
      let groups = classes.hasLabels(process: number) ? classes.names.count : 1
      let found = concurrentMap(chunks.count) {
        [sample] index -> Result<(values: [[Double]], unusable: UnusableValues?), EventFault> in
        let chunk = chunks[index]
        let path = process.path(ofSource: chunk.source)
        // Whose events are trained on.
        let part = Part(
          process, chunk, selector, sampleEvery: nil, columns[number], splits[number], groups: groups, rule,
          unusable: allowsUnusable ? UnusableValues() : nil)
        if let fault = part.fault {
          // The scan reports it.
          return allowsUnusable ? .success((sample.map { _ in [] }, nil)) : .failure(fault)
        }
        let chosen = part.uses.indices.filter {
          part.uses[$0] == .training && isDrawn(UInt64(chunk.firstOfProcess + $0))
        }
        var unusable = allowsUnusable ? UnusableValues() : nil
        do throws(EventFault) {
          let values = try preprocessor.values(
            process.sources[chunk.source], chunk.events, at: chosen, path: path, &unusable)
          return .success((values, unusable))
        } catch { return .failure(error) }
      }
      try throwFirst(found.map { if case .failure(let fault) = $0 { fault } else { nil } }, of: chunks)
      for case .success(let part) in found {
        for output in sample.indices { sample[output] += part.values[output] }
        if let unusable = part.unusable { unusableValues.append(unusable) }
      }
    }
    let kinds = unusableValues.found.map(\.kind)
    for (output, name) in preprocessor.inputNames.enumerated()
    where !sample[output].isEmpty && sample[output].allSatisfy(\.isNaN) {
      if kinds.contains(where: { $0.name == name || $0.reason == .column }) { sample[output].append(1) }
    }
    return sample
  }

  /// Throws the first fault in the first file that has any; `faults` are those of the chunks, of which all were read.
  private static func throwFirst(_ faults: [EventFault?], of chunks: [Chunk]) throws(DataError) {
    guard let first = faults.firstIndex(where: { $0 != nil }) else { return }
    try EventFault.throwFirst(
      zip(chunks, faults).filter { $0.0.source == chunks[first].source }.compactMap(\.1))
  }

  /// What a thread finds in a chunk.
  private struct Part: Sendable {
    var counts = EventCounts()
    var uses: [EventUse] = []
    var extra = ExtraColumns.Values()
    var groups: [EventGroup]
    var cuts: [SelectedEvents] = []
    var moments: FeatureMoments
    var sample: [Float] = []
    var survey: ChunkSurvey?
    var fault: EventFault?
    /// What of the features cannot be used; nil: the first is a fault.
    var unusable: UnusableValues?

    init(
      _ process: ProcessEvents, _ chunk: Chunk, _ reader: FeatureReader, sampleEvery: Int?, _ columns: ExtraColumns,
      _ split: Split.Process, groups count: Int, _ rule: TrainingRule, sampling places: [Int]? = nil,
      unusable: UnusableValues? = nil
    ) {
      self.unusable = unusable ?? places.map { _ in UnusableValues() }
      let features = reader.features
      moments = FeatureMoments(features: features)
      groups = Array(repeating: EventGroup(), count: count)
      var values = [Float](repeating: 0, count: chunk.events.count * features)
      var span = values.mutableSpan
      let source = process.sources[chunk.source]
      var selection = Preprocessor.Cuts()
      do throws(EventFault) {
        let path = process.path(ofSource: chunk.source)
        selection = try reader.read(source, chunk.events, path: path, into: &span, &self.unusable)
        if let places {
          // As the network sees them, and those alone that it sees.
          reader.fill(&span)
          let first = chunk.events.lowerBound
          let faulty = self.unusable?.events ?? []
          survey =
            selection.first.isEmpty && faulty.isEmpty
            ? ChunkSurvey(
              values.span, events: chunk.events.count, features: features, first: first, sampling: places)
            : ChunkSurvey(
              selected: (0..<chunk.events.count).filter { selection.isSelected($0) && !faulty.contains($0) },
              values.span, features: features, first: first, sampling: places)
        }
        extra = try columns.read(source, chunk.events, path: path, selection)
      } catch {
        fault = error
        survey?.forgetEvents()
        return
      }
      uses = split.uses(
        chunk.firstOfProcess..<chunk.firstOfProcess + chunk.events.count, file: chunk.source, keys: extra.keys,
        groups: extra.groups)
      extra.groups = []
      if !selection.first.isEmpty { leaveOut(selection, terms: reader.terms.count) }
      // A check goes on without them.
      for event in self.unusable?.events ?? [] { uses[event] = .unselected }
      self.unusable?.forgetEvents()
      if let weights = extra.weights.first {
        addWeights(weights.values, first: chunk.firstOfProcess, rule)
        let counted =
          uses.allSatisfy { $0 != .unselected }
          ? weights.values : zip(weights.values, uses).compactMap { $1 == .unselected ? nil : $0 }
        survey?.weights = WeightRange(counted.lazy.map { scaled(Double($0), by: weights.unit ?? 0) })
      }
      for use in uses where use != .unselected { counts[use] += 1 }
      if extra.labels.isEmpty {
        groups[0].counts = counts
      } else {
        for (label, use) in zip(extra.labels, uses) where use != .unselected { groups[Int(label)].counts[use] += 1 }
      }
      guard let sampleEvery else { return }
      let notFinite = survey?.notFinite ?? []
      let counted =
        notFinite.isEmpty ? uses : uses.indices.map { $0 < notFinite.count && notFinite[$0] ? .untrained : uses[$0] }
      moments = FeatureMoments(
        values.span, features: features, counting: counted, .training, mayMiss: reader.hasMissing)
      for event in uses.indices
      where uses[event] != .unselected && (chunk.firstOfProcess + event).isMultiple(of: sampleEvery)
        && !(event < notFinite.count && notFinite[event])
      {
        sample += values[event * features..<(event + 1) * features]
      }
    }

    /// Takes the events out that are not selected.
    private mutating func leaveOut(_ selection: Preprocessor.Cuts, terms: Int) {
      cuts = Array(repeating: SelectedEvents(), count: terms + 1)
      let weights = extra.weights.first
      let unit = weights.map { scaled(1, by: $0.unit ?? 0) } ?? 1
      for (event, term) in selection.first.enumerated() {
        cuts[Int(term)].events += 1
        cuts[Int(term)].weight += weights.map { Double($0.values[event]) * unit } ?? 1
        if term < terms { uses[event] = .unselected }
      }
    }

    /// Finds out which events have no part in the training, and adds up the weights.
    private mutating func addWeights(_ weights: [Float], first: Int, _ rule: TrainingRule) {
      for event in weights.indices where uses[event] != .unselected {
        let weight = Double(weights[event])
        let magnitude = rule.magnitude(of: weight)
        if magnitude == 0, uses[event] == .training { uses[event] = .untrained }
        let group = extra.labels.isEmpty ? 0 : Int(extra.labels[event])
        groups[group].weights.add(
          weight, event: first + event, magnitude: uses[event] == .training ? magnitude : nil)
      }
    }
  }
}

/// Events that a selection leaves in, or out.
public struct SelectedEvents: Codable, Equatable, Sendable {
  public var events = 0
  /// Σw of the weights that can be used, which those of selected events all can; their number where they have no weights.
  public var weight = 0.0

  static func += (a: inout SelectedEvents, b: SelectedEvents) {
    a.events += b.events
    a.weight += b.weight
  }
}

/// Some events of a process, of one class or all.
struct EventGroup: Sendable {
  var counts = EventCounts()
  /// Nothing where events have no weights.
  var weights = WeightSums()
}

/// What weights of training events add up to.
struct WeightTotals: Sendable {
  /// Σt and Σv.
  var training = 0.0
  var monitor = 0.0
}

/// What a training makes of a weight.
struct TrainingRule: Sendable {
  let isUsed: Bool
  let negative: NegativeWeights

  /// m(w); 1 where the training uses no weights.
  func magnitude(of weight: Double) -> Double {
    guard isUsed else { return 1 }
    switch negative {
    case .absolute: return weight.magnitude
    case .keep: return weight
    case .drop: return max(0, weight)
    }
  }
}
