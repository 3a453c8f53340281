/// The bins in which the replicas of ranked events are added up: every event's own where there are few, else at least 1,024 of equal
/// signal, as many of equal background, and from the tight end on bins that grow by 1 %, so that rejections at any signal efficiency
/// have bins enough. Events of the same score are in one bin.
struct ReplicaBins {
  /// The bin of each event, from 0 at the largest score.
  let bins: [Int32]
  let count: Int

  private static let mostOfOneEvent = 4096
  private static let ofEqualCount = 1024

  init(_ ranked: RankedScores, isSignal: (Int) -> Bool) {
    let total = ranked.count
    let signals = (0..<total).reduce(0) { $0 + (isSignal($1) ? 1 : 0) }
    let most = (
      signal: max(1, signals / Self.ofEqualCount), background: max(1, (total - signals) / Self.ofEqualCount)
    )
    var bins = [Int32](repeating: 0, count: total)
    var (bin, first) = (0, 0)
    var (signal, background) = (0, 0)
    for place in 0..<total {
      let event = Int(ranked.order[place])
      let isNew = place > 0 && ranked.scores[event] != ranked.scores[Int(ranked.order[place - 1])]
      let isFull =
        total <= Self.mostOfOneEvent || signal >= most.signal || background >= most.background
        || place - first > first / 100
      if isNew && isFull {
        (bin, first) = (bin + 1, place)
        (signal, background) = (0, 0)
      }
      if isSignal(event) { signal += 1 } else { background += 1 }
      bins[event] = Int32(bin)
    }
    (self.bins, count) = (bins, total > 0 ? bin + 1 : 0)
  }
}

/// One replica of ranked events.
struct ReplicaSteps: ScoreSteps {
  let sums: ReplicaSums
  let replica: Int
  let bins: Int
  let factors: RankedEvents.ClassFactors

  func forEachStep(_ body: (ScoreStep) -> Void) {
    let classes = factors.signal.count
    for bin in 0..<bins {
      var step = ScoreStep(signal: 0, background: 0)
      for index in 0..<classes {
        let weight = sums[bin * classes + index, replica]
        step.signal += factors.signal[index] * weight
        step.background += factors.background[index] * weight
      }
      body(step)
    }
  }
}
