/// What has one score, or lies in one bin of scores.
package struct ScoreStep: Equatable, Sendable {
  /// Σ of the weights of the signal and of the background in it.
  package var signal: Double
  package var background: Double

  package init(signal: Double, background: Double) { (self.signal, self.background) = (signal, background) }
}

/// Signal and background by falling score: what ROC curves, areas under them and rejections are made of, whether from events in order
/// or from bins.
package protocol ScoreSteps {
  /// Calls `body` with each step, from the largest score down.
  func forEachStep(_ body: (ScoreStep) -> Void)
}

/// Some of the events by falling score: those of classes that have a factor for the signal or the background.
package struct RankedEvents: ScoreSteps {
  private let ranked: RankedScores
  private let classes: [Int32]
  private let weights: [Double]
  private let factors: ClassFactors

  /// What an event's weight is multiplied by where it counts as signal, and where it counts as background, by its class.
  package struct ClassFactors: Equatable, Sendable {
    package var signal: [Double]
    package var background: [Double]

    package init(signal: [Double], background: [Double]) { (self.signal, self.background) = (signal, background) }
  }

  /// A class and a weight for each of the ranked events.
  package init(_ ranked: RankedScores, classes: [Int32], weights: [Double], _ factors: ClassFactors) {
    precondition(classes.count == ranked.count && weights.count == ranked.count, "an event has one of each")
    (self.ranked, self.classes, self.weights, self.factors) = (ranked, classes, weights, factors)
  }

  package func forEachStep(_ body: (ScoreStep) -> Void) {
    let (scores, order, classes, weights) = (
      ranked.scores.span, ranked.order.span, self.classes.span, self.weights.span
    )
    let (signals, backgrounds) = (factors.signal.span, factors.background.span)
    var place = 0
    while place < order.count {
      let score = scores[Int(order[place])]
      var (signal, background) = (CompensatedSum(), CompensatedSum())
      repeat {
        let event = Int(order[place])
        let index = Int(classes[event])
        signal += weights[event] * signals[index]
        background += weights[event] * backgrounds[index]
        place += 1
      } while place < order.count && scores[Int(order[place])] == score
      body(ScoreStep(signal: signal.value, background: background.value))
    }
  }
}
