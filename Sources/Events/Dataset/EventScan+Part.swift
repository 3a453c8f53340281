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
    /// The unusable values of features; nil: the first one is a fault.
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
      // A check continues without them.
      for event in self.unusable?.events ?? [] { uses[event] = .unselected }
      self.unusable?.forgetEvents()
      if let weights = extra.weights.first {
        addWeights(weights.values, first: chunk.firstOfProcess, rule)
        if survey != nil {
          let counted = zip(weights.values, uses).lazy.filter { $1 != .unselected }
          survey?.weights = WeightRange(counted.map { scaled(Double($0.0), by: weights.unit ?? 0) })
        }
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
