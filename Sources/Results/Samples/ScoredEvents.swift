/// Events with what a network makes of them: all that the figures of an evaluation are made of.
package struct ScoredEvents: Sendable {
  /// The class probabilities of each event, class by class: (classes, events), all finite.
  package var probabilities: [[Float]]
  /// The class of each event.
  package var classes: [Int32]
  /// What each event stands for among those expected: its physics weight, or 1, times the part of its process that is in this sample.
  package var weights: [Double]
  /// v, by which the network's outputs are probabilities: those of the training's population.
  package var monitorWeights: [Float]
  /// What tells each event from all others, wherever it is.
  package var identities: [UInt64]

  package init(
    probabilities: [[Float]], classes: [Int32], weights: [Double], monitorWeights: [Float], identities: [UInt64]
  ) {
    precondition(
      probabilities.allSatisfy { $0.count == classes.count } && weights.count == classes.count
        && monitorWeights.count == classes.count && identities.count == classes.count, "an event has one of each")
    self.probabilities = probabilities
    self.classes = classes
    self.weights = weights
    self.monitorWeights = monitorWeights
    self.identities = identities
  }

  package var count: Int { classes.count }
  package var classCount: Int { probabilities.count }
  package var events: Range<Int> { 0..<count }

  /// The class with the largest probability of each event, the first of several.
  package var predicted: [Int32] {
    events.map { event in
      var best = 0
      for index in 1..<classCount where probabilities[index][event] > probabilities[best][event] { best = index }
      return Int32(best)
    }
  }

  /// Σ of the weights of each class.
  package func sums(_ weights: [Double]) -> [Double] {
    var sums = [CompensatedSum](repeating: CompensatedSum(), count: classCount)
    for event in events { sums[Int(classes[event])] += weights[event] }
    return sums.map(\.value)
  }

  /// The discriminant of each event.
  package func values(of discriminant: Discriminant) -> [Float] {
    events.map { event in discriminant.value(probabilities.lazy.map { $0[event] }) }
  }
}
