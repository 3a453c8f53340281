import Numerics

/// What the weights of some events add up to, in double, in units of a power of two that goes with them. Events are added in the
/// order of their file, chunks in theirs: the same bits whichever thread adds.
struct WeightSums: Sendable {
  private(set) var events = 0
  private(set) var negative = 0
  /// Σw and Σw².
  private(set) var sum = 0.0
  private(set) var squares = 0.0
  /// Of the events that are trained on: Σm(w), Σ|m(w)|, Σw, Σw².
  private(set) var trainedMagnitudes = 0.0
  private(set) var trainedAbsolute = 0.0
  private(set) var trainedSum = 0.0
  private(set) var trainedSquares = 0.0
  /// Of them the largest m(w) in magnitude, and the number of its event in the process.
  private(set) var heaviest = (magnitude: 0.0, event: 0)

  /// Adds an event that is number `event` of its process; `magnitude` is m(w) where it is trained on.
  @inline(__always)
  mutating func add(_ weight: Double, event: Int, magnitude: Double?) {
    events += 1
    if weight < 0 { negative += 1 }
    sum += weight
    squares += weight * weight
    guard let magnitude else { return }
    trainedMagnitudes += magnitude
    trainedAbsolute += magnitude.magnitude
    trainedSum += weight
    trainedSquares += weight * weight
    if magnitude.magnitude > heaviest.magnitude { heaviest = (magnitude.magnitude, event) }
  }

  /// Adds the sums of later events, which are in units of 2^`exponent` of these.
  mutating func add(_ other: WeightSums, inUnits exponent: Int = 0) {
    events += other.events
    negative += other.negative
    sum += scaled(other.sum, by: exponent)
    squares += scaled(other.squares, by: 2 * exponent)
    trainedMagnitudes += scaled(other.trainedMagnitudes, by: exponent)
    trainedAbsolute += scaled(other.trainedAbsolute, by: exponent)
    trainedSum += scaled(other.trainedSum, by: exponent)
    trainedSquares += scaled(other.trainedSquares, by: 2 * exponent)
    let magnitude = scaled(other.heaviest.magnitude, by: exponent)
    if magnitude > heaviest.magnitude { heaviest = (magnitude, other.heaviest.event) }
  }
}

/// (Σw)² / Σw²: how many events of equal weight would have the same relative fluctuation.
func effectiveEvents(sum: Double, squares: Double) -> Double { squares > 0 ? sum * sum / squares : 0 }
