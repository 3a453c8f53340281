import Machine

extension EventScan {
  /// The cutflow of a process: for each term of the selection, the events that fail it first; then those that pass all.
  func cutflow(ofProcess number: Int, terms: Int) -> [SelectedEvents] {
    var sums = [SelectedEvents](repeating: SelectedEvents(), count: terms + 1)
    for chunk in chunks[number] {
      for (index, part) in chunk.cuts.enumerated() { sums[index] += part }
    }
    return sums
  }

  /// Counts and sums of weights of a process, for each class, or for all events if they have no labels. The unit is that of the nominal
  /// weights.
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

  /// Σt and Σv over the training events of each class of a process with these class factors: sums in double of the float32 products
  /// in the store. `rule` nil: weights are ignored.
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
}

/// Sums of the weights of training events.
struct WeightTotals: Sendable {
  /// Σt and Σv.
  var training = 0.0
  var monitor = 0.0
}
