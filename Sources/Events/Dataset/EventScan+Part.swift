import Machine
import Numerics

extension EventScan {
  /// The results of one thread for one chunk.
  struct Part: Sendable {
    var counts = EventCounts()
    var uses: [EventUse] = []
    var extra = ExtraColumns.Values()
    var groups: [EventGroup]
    var cuts: [SelectedEvents] = []
    var moments: FeatureMoments
    var sample: [Float] = []
    var survey: ChunkSurvey?
    var fault: EventFault?

    init(
      _ process: ProcessEvents, _ chunk: Chunk, _ reader: FeatureReader, sampleEvery: Int?, _ columns: ExtraColumns,
      _ split: Split.Process, groups count: Int, _ rule: TrainingRule, sampling places: [Int]? = nil
    ) {
      let features = reader.features
      moments = FeatureMoments(features: features)
      groups = Array(repeating: EventGroup(), count: count)
      var values = [Float](repeating: 0, count: chunk.events.count * features)
      var span = values.mutableSpan
      let source = process.sources[chunk.source]
      var selection = Preprocessor.Cuts()
      do throws(EventFault) {
        let path = process.path(ofSource: chunk.source)
        selection = try reader.read(source, chunk.events, path: path, into: &span, allowsNonFinite: places != nil)
        if let places {
          // Only selected events, with missing values filled, as the network sees them.
          reader.fill(&span)
          let first = chunk.events.lowerBound
          survey =
            selection.first.isEmpty
            ? ChunkSurvey(
              values.span, events: chunk.events.count, features: features, first: first, sampling: places)
            : ChunkSurvey(
              selected: selection.first.indices.filter { selection.first[$0] == reader.terms.count }, values.span,
              features: features, first: first, sampling: places)
        }
        extra = try columns.read(source, chunk.events, path: path)
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
      if let weights = extra.weights.first {
        addWeights(weights.values, first: chunk.firstOfProcess, rule)
        let counted =
          selection.first.isEmpty
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

    /// Removes the events that are not selected.
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

    /// Adds up the weights, and marks training events whose training weight is 0.
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
