/// How far a network does better on the events it was trained on than on others.
package struct Overtraining: Equatable, Sendable, Encodable {
  /// Which events it is compared on: test, or validation.
  package var split: String
  /// Figures on training events minus those on the others, with the errors of both.
  package var macroAUC: Figure
  package var signalAUC: Figure
  /// The distributions of the discriminant in both: of the signal, and of the background.
  package var signal: KolmogorovSmirnov
  package var background: KolmogorovSmirnov

  private enum CodingKeys: String, CodingKey {
    case split
    case macroAUC = "macro_auc"
    case signalAUC = "signal_auc"
    case signal = "ks_signal"
    case background = "ks_background"
  }

  package init(
    _ training: (events: ScoredEvents, figures: SampleFigures), _ other: (events: ScoredEvents, figures: SampleFigures),
    named split: String, _ discriminant: Discriminant, seed: UInt64
  ) {
    self.split = split
    macroAUC = training.figures.macroAUC.equal - other.figures.macroAUC.equal
    signalAUC = training.figures.signal.equal.auc - other.figures.signal.equal.auc
    let samples = [training.events, other.events].map { (events: $0, values: $0.values(of: discriminant)) }
    func compared(_ isSignal: Bool) -> KolmogorovSmirnov {
      func part(_ events: ScoredEvents, _ values: [Float]) -> (scores: [Float], weights: [Double]) {
        let chosen = events.events.filter { discriminant.isSignal[Int(events.classes[$0])] == isSignal }
        return (chosen.map { values[$0] }, chosen.map { events.weights[$0] })
      }
      return KolmogorovSmirnov(
        part(samples[0].events, samples[0].values), part(samples[1].events, samples[1].values), seed: seed)
    }
    signal = compared(true)
    background = compared(false)
  }
}
