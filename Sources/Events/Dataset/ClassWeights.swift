import Numerics

/// How the classes are weighted against each other in the loss.
public enum ClassWeights: Codable, Equatable, Sendable {
  /// None against the others: events count by their weights alone, which are 1 where they have none.
  case none
  /// Every class weighs the same, and the mean training weight is 1: c_k = N / (K · M_k), with N training events, K classes, and
  /// M_k = Σm(w) over the training events of class k: their number where they have no weights.
  case balanced
  /// One number per class, of which only the ratios matter.
  case perClass([Double])
}

/// The class factors c, by which weights are multiplied in a training.
public struct ClassFactors: Codable, Equatable, Sendable {
  /// One per class.
  public var classes: [Float]
  /// For each process one per class, with its share in the class; those of the class for a process that is not trained on.
  public var processes: [[Float]]

  public init(classes: [Float], processes: [[Float]]) { (self.classes, self.processes) = (classes, processes) }

  /// Whether every process has the factors of its classes.
  var areThoseOfClasses: Bool { processes.allSatisfy { $0 == classes } }

  /// The training events of a process that are of one class: how many, and their Σm(w).
  struct Group {
    var events: Int
    var weight: Double
  }

  /// `groups`: for each process and each class.
  ///
  /// With weights, the factors of ``ClassWeights/none`` and ``ClassWeights/perClass(_:)`` are multiplied by a power of two, which
  /// brings the mean training weight into [1, 2): sums of losses are exact to a fixed 2⁻⁶⁴.
  init(_ classWeights: ClassWeights, share: ProcessShare, hasWeights: Bool, _ groups: [[Group]]) {
    let count = groups.first?.count ?? 0
    let totals = (0..<count).map { index in
      groups.reduce(into: (events: 0, weight: 0.0, processes: 0)) { sum, process in
        sum.events += process[index].events
        sum.weight += process[index].weight
        sum.processes += process[index].events > 0 ? 1 : 0
      }
    }
    let events = Double(totals.reduce(0) { $0 + $1.events })
    func relative(_ numbers: [Double]) -> [Double] {
      guard hasWeights, events > 0 else { return numbers }
      let mean = zip(numbers, totals).reduce(0) { $0 + $1.0 * $1.1.weight } / events
      guard mean > 0, mean.isFinite else { return numbers }
      return numbers.map { scaled($0, by: -Int(mean.exponent)) }
    }
    let factors =
      switch classWeights {
      case .none: relative(totals.map { _ in 1 })
      case .perClass(let numbers): relative(numbers)
      case .balanced: totals.map { events / (Double(count) * $0.weight) }
      }
    classes = factors.map { Float($0) }
    processes = groups.map { process in
      zip(process, zip(factors, totals)).map { group, of in
        let (factor, total) = of
        guard group.events > 0 else { return Float(factor) }
        let part =
          switch share {
          case .weight: 1.0
          case .events: Double(group.events) / group.weight * (total.weight / Double(total.events))
          case .equal: total.weight / (Double(total.processes) * group.weight)
          }
        return Float(factor * part)
      }
    }
  }
}

extension EventStore.Header {
  /// The mean of the training weights over all training events, t̄ = Σ N_c · w_c / N, where they are those of the classes.
  ///
  /// The products of counts below 2²⁹ and float32 weights are exact in double; their sum is rounded at most once a class, in
  /// the order of the classes, so every rank gets the same bits. Without training events there is no mean: NaN.
  static func meanWeight(_ counts: [EventCounts], _ classWeights: [Float]) -> Double {
    let sum = zip(counts, classWeights).reduce(0) { $0 + Double($1.0.training) * Double($1.1) }
    return sum / Double(counts.total(.training))
  }

  /// Whether every event counts the same, whatever its class and its weight.
  public var weighsEventsEqually: Bool { !hasMonitorWeights && classWeights.allSatisfy { $0 == classWeights.first } }
}
