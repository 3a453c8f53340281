extension ScoreSteps {
  /// The separation ½ Σ (s − b)² / (s + b) of the normalised distributions of signal and background (TMVA Users Guide, section
  /// 8.2.2): 0 where they are the same, 1 where they do not overlap. In up to 50 bins of equal s + b, as bins of equal width depend
  /// on what the score is a function of. NaN where one of the sums of weights is 0 or less.
  package var separation: Double {
    let (bins, total) = (50.0, self.total)
    guard total.signal > 0, total.background > 0 else { return .nan }
    var (signal, background, sum) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    var closed = 0.0
    var all = 0.0
    func close() {
      let (s, b) = (signal.value, background.value)
      if s + b > 0 { sum += 0.5 * (s - b) * (s - b) / (s + b) }
      all += s + b
      (signal, background) = (CompensatedSum(), CompensatedSum())
    }
    forEachStep { step in
      signal += step.signal / total.signal
      background += step.background / total.background
      // A bin is full where only rounding is missing.
      if all + signal.value + background.value >= 2 * (closed + 1) / bins - 1e-9 {
        close()
        closed = Double(Int(max(0, all * bins / 2 + 1e-6)))
      }
    }
    close()
    return sum.value
  }
}
