/// The areas and rejections of a ROC curve with signed weights.
extension ScoreSteps {
  /// The area under the ROC curve,
  ///
  ///     AUC = Σ v_i v_j [1(x_i > x_j) + ½ 1(x_i = x_j)] / (Σ v_i · Σ v_j)
  ///
  /// where i runs over the signal, j over the background and x is the score. NaN where one of the sums of weights is 0 or less.
  package var area: Double {
    var (signal, background, pairs) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    forEachStep { step in
      pairs += step.background * (signal.value + 0.5 * step.signal)
      signal += step.signal
      background += step.background
    }
    let product = signal.value * background.value
    return signal.value > 0 && background.value > 0 ? pairs.value / product : .nan
  }

  /// Σ of the weights of all signal and of all background.
  package var total: ScoreStep {
    var (signal, background) = (CompensatedSum(), CompensatedSum())
    forEachStep { step in
      signal += step.signal
      background += step.background
    }
    return ScoreStep(signal: signal.value, background: background.value)
  }

  /// 1 / (background efficiency) at each of these signal efficiencies, in (0, 1] and rising: at the first crossing from the tight
  /// end, as the curve of signed weights may cross again; on the straight line between two steps. Infinite where no background is
  /// left, or less than none; NaN where one of the sums of weights is 0 or less.
  package func rejections(atSignalEfficiencies efficiencies: [Double]) -> [Double] {
    let total = self.total
    guard total.signal > 0, total.background > 0 else { return efficiencies.map { _ in .nan } }
    var found: [Double] = []
    var (signal, background) = (CompensatedSum(), CompensatedSum())
    forEachStep { step in
      guard found.count < efficiencies.count else { return }
      let before = (signal: signal.value, background: background.value)
      signal += step.signal
      background += step.background
      while found.count < efficiencies.count {
        let wanted = efficiencies[found.count] * total.signal
        guard signal.value >= wanted else { break }
        let part = step.signal > 0 ? min(1, max(0, (wanted - before.signal) / step.signal)) : 1
        let left = before.background + part * step.background
        found.append(left > 0 ? total.background / left : .infinity)
      }
    }
    // What rounding may leave out at an efficiency of 1.
    while found.count < efficiencies.count { found.append(1) }
    return found
  }
}
