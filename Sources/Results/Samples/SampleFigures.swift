/// The figures of a network on one sample: what an analyst asks about it, with statistical errors.
package struct SampleFigures: Equatable, Sendable {
  package var events: Int
  /// The share of events whose largest probability is that of their own class: each event counting 1, by monitor weight, and with
  /// classes equal.
  package var accuracy: Figure
  package var weightedAccuracy: Figure
  package var balancedAccuracy: Figure
  package var classes: [Class]
  /// The areas of the classes, each against the rest, averaged: with classes equal, and as expected.
  package var macroAUC: Mixed
  /// For each two classes, the first named first: the area under the ROC curve of p_i / (p_i + p_j).
  package var pairs: [Pair]
  package var signal: Signal

  /// A figure with each class counting the same, and with all of them as expected.
  package struct Mixed: Equatable, Sendable, Encodable {
    package var equal: Figure
    package var expected: Figure
  }

  package struct Class: Equatable, Sendable {
    package var name: String
    package var events: Int
    /// Σw of the whole process, or the number of its events.
    package var expected: Double
    /// (Σw)² / Σw².
    package var effectiveEvents: Double
    /// The share of its events that are taken for it; the share of what is taken for it that is.
    package var efficiency: Figure
    package var purity: Mixed
    /// The area under the ROC curve of its probability, against the rest.
    package var auc: Mixed
    package var calibration: Calibration
  }

  package struct Pair: Equatable, Sendable, Encodable {
    package var classes: [String]
    package var auc: Figure
  }

  /// The signal against the background by the discriminant.
  package struct Signal: Equatable, Sendable {
    package var classes: [String]
    /// Against the background as a whole, with its classes equal and as expected.
    package var equal: Against
    package var expected: Against
    /// Against each class of the background.
    package var classesOfBackground: [Against]
  }

  package struct Against: Equatable, Sendable {
    /// The class; nil for the whole background.
    package var background: String?
    package var auc: Figure
    package var separation: Figure
    /// 1 / (background efficiency) at each of ``efficiencies``.
    package var rejections: [Figure]
  }

  /// The signal efficiencies at which rejections are given.
  package static var efficiencies: [Double] { CurveFigures.efficiencies }
}

extension SampleFigures {
  /// Of events, none of whose probabilities is NaN.
  package init(
    _ events: ScoredEvents, classNames: [String], _ discriminant: Discriminant, _ replicas: BootstrapWeights
  ) {
    let classes = classNames.indices
    let replicas = replicas.ofSample(events: events.count)
    self.events = events.count
    let confusion = ConfusionFigures.figures(events, replicas)
    let accuracies = confusion[..<ConfusionFigures.accuracies].map(\.figure)
    (accuracy, weightedAccuracy, balancedAccuracy) = (accuracies[0], accuracies[1], accuracies[2])
    let sums = events.sums(events.weights)
    let squares = events.sums(events.weights.map { $0 * $0 })
    var areas: [[Replicated]] = []
    self.classes = classes.map { index in
      let ranked = RankedScores(events.probabilities[index])
      let area = CurveFigures.figures(.oneAgainstRest(index), ranked, events, replicas)
      areas.append(area)
      let figures = confusion[(ConfusionFigures.accuracies + 3 * index)...].prefix(3).map(\.figure)
      return Class(
        name: classNames[index], events: events.classes.count { $0 == index }, expected: sums[index],
        effectiveEvents: squares[index] > 0 ? sums[index] * sums[index] / squares[index] : 0, efficiency: figures[0],
        purity: Mixed(equal: figures[1], expected: figures[2]),
        auc: Mixed(equal: area[0].figure, expected: area[1].figure),
        calibration: Calibration(ofClass: index, ranked, events))
    }
    macroAUC = Mixed(
      equal: Replicated(meanOf: areas.map { $0[0] }).figure, expected: Replicated(meanOf: areas.map { $0[1] }).figure)
    pairs = classes.flatMap { first in
      classes.filter { $0 > first }.map { second in
        let ratios = zip(events.probabilities[first], events.probabilities[second]).map { own, other in
          own + other > 0 ? own / (own + other) : 0.5
        }
        let area = CurveFigures.figures(.pair(first, second), RankedScores(ratios), events, replicas)
        return Pair(classes: [classNames[first], classNames[second]], auc: area[0].figure)
      }
    }
    let question = CurveFigures.Question.signal(discriminant.signal, discriminant.background)
    let figures = CurveFigures.figures(question, RankedScores(events.values(of: discriminant)), events, replicas)
      .map(\.figure)
    let width = 2 + Self.efficiencies.count
    func against(_ number: Int, _ background: String?) -> Against {
      let part = Array(figures[(number * width)...].prefix(width))
      return Against(background: background, auc: part[0], separation: part[1], rejections: Array(part[2...]))
    }
    signal = Signal(
      classes: discriminant.signal.map { classNames[$0] }, equal: against(0, nil), expected: against(1, nil),
      classesOfBackground: discriminant.background.enumerated().map { against(2 + $0, classNames[$1]) })
  }
}
extension SampleFigures: Encodable {
  private enum CodingKeys: String, CodingKey {
    case events, accuracy, classes, pairs, signal
    case weightedAccuracy = "weighted_accuracy"
    case balancedAccuracy = "balanced_accuracy"
    case macroAUC = "macro_auc"
  }
}

extension SampleFigures.Class: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, events, expected, efficiency, purity, auc, calibration
    case effectiveEvents = "n_eff"
  }
}

extension SampleFigures.Signal: Encodable {
  private enum CodingKeys: String, CodingKey {
    case classes, equal, expected
    case classesOfBackground = "backgrounds"
  }
}

extension SampleFigures.Against: Encodable {
  private enum CodingKeys: String, CodingKey { case background, auc, separation, rejections }
}
