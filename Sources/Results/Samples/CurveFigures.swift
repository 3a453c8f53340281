import Machine

/// The figures of one ranking of events, and of its replicas.
struct CurveFigures {

  /// What is to be found out of one ranking.
  enum Question {
    /// A class against the rest: areas, with classes equal and as expected.
    case oneAgainstRest(Int)
    /// A class against another: the area.
    case pair(Int, Int)
    /// The signal against the background, with classes equal and as expected, and against each of its classes: areas, separations and
    /// rejections.
    case signal([Int], [Int])

    /// The classes that count as signal, and as background.
    func groups(_ classes: Int) -> (signal: [Int], background: [Int]) {
      switch self {
      case .oneAgainstRest(let index): ([index], (0..<classes).filter { $0 != index })
      case .pair(let first, let second): ([first], [second])
      case .signal(let signal, let background): (signal, background)
      }
    }
  }

  /// Signal efficiencies at which rejections are given.
  static let efficiencies = [0.3, 0.5, 0.7, 0.9]

  static func values<Steps: ScoreSteps>(
    _ question: Question, _ steps: (RankedEvents.ClassFactors) -> Steps, _ sums: [Double]
  ) -> [Double] {
    let groups = question.groups(sums.count)
    func factors(_ signal: [Int], _ background: [Int], isEqual: Bool) -> RankedEvents.ClassFactors {
      var factors = RankedEvents.ClassFactors(
        signal: Array(repeating: 0, count: sums.count), background: Array(repeating: 0, count: sums.count))
      // A class without weight has no part of anything.
      for index in signal { factors.signal[index] = isEqual ? (sums[index] > 0 ? 1 / sums[index] : .nan) : 1 }
      for index in background { factors.background[index] = isEqual ? (sums[index] > 0 ? 1 / sums[index] : .nan) : 1 }
      return factors
    }
    let mixed = [true, false].map { steps(factors(groups.signal, groups.background, isEqual: $0)) }
    switch question {
    case .oneAgainstRest: return mixed.map(\.area)
    case .pair: return [mixed[1].area]
    case .signal:
      let each = groups.background.map { steps(factors(groups.signal, [$0], isEqual: false)) }
      return (mixed + each).flatMap {
        [$0.area, $0.separation] + $0.rejections(atSignalEfficiencies: efficiencies)
      }
    }
  }

  /// The values of the figures that answer a question, by the events in order, with errors by the replicas of bins.
  static func figures(
    _ question: Question, _ ranked: RankedScores, _ events: ScoredEvents, _ replicas: BootstrapWeights
  ) -> [Replicated] {
    let sums = events.sums(events.weights)
    let values = values(
      question, { RankedEvents(ranked, classes: events.classes, weights: events.weights, $0) }, sums)
    guard replicas.replicas > 0 else { return values.map { Replicated($0, replicas: []) } }
    let signal = Set(question.groups(sums.count).signal.map(Int32.init))
    let bins = ReplicaBins(ranked) { signal.contains(events.classes[$0]) }
    let classes = sums.count
    let cells = events.events.map { bins.bins[$0] * Int32(classes) + events.classes[$0] }
    let sumsOfReplicas = ReplicaSums(
      replicas, cells: bins.count * classes, cell: cells, weights: events.weights, identities: events.identities)
    let found = concurrentMap(replicas.replicas) { replica -> [Double] in
      let sums = (0..<classes).map { index in
        (0..<bins.count).map { sumsOfReplicas[$0 * classes + index, replica] }.compensatedSum
      }
      return Self.values(
        question, { ReplicaSteps(sums: sumsOfReplicas, replica: replica, bins: bins.count, factors: $0) }, sums)
    }
    return values.indices.map { index in Replicated(values[index], replicas: found.map { $0[index] }) }
  }
}
