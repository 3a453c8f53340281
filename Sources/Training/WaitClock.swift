/// Adds up how long a rank waits for the others, from a sample of at most 2,048 steps an epoch: to read the clock twice
/// costs some 80 ns, which a step of a few events would feel.
struct WaitClock {
  private let stride: Int
  private var sampled = 0
  private var waited = 0.0

  init(stepsPerEpoch: Int) { stride = max(1, stepsPerEpoch / 1024) }

  /// When the wait of a step began, if it is in the sample.
  func start(_ step: Int) -> ContinuousClock.Instant? { step % stride == 0 ? .now : nil }

  mutating func stop(_ start: ContinuousClock.Instant?) {
    guard let start else { return }
    waited += (ContinuousClock.now - start) / .seconds(1)
    sampled += 1
  }

  /// The seconds of waiting in this many steps.
  func seconds(ofSteps steps: Int) -> Double { sampled > 0 ? waited / Double(sampled) * Double(steps) : 0 }
}
