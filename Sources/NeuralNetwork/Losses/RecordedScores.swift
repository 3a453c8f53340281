import Kernels

/// The events of an evaluation on one MPI rank, for ranking them by score: for each its class, its weight, and the bins of its
/// scores.
///
/// A score is the probability of a class; there is one column of bins for each class, or for the first of two classes, as the second
/// one's ranks events the other way round. Workers write their blocks at the same time, each in a place of its own.
@safe
public struct RecordedScores: ~Copyable {
  /// Events that were recorded.
  public internal(set) var count = 0
  /// Columns of bins.
  public let columns: Int
  /// Room for events, a multiple of 8.
  let capacity: Int
  private let bins: AlignedBuffer<UInt16>
  private let labels: AlignedBuffer<Int32>
  private let weights: AlignedBuffer<Float>

  init(columns: Int, capacity: Int) {
    self.columns = columns
    self.capacity = (capacity + 7) & ~7
    bins = AlignedBuffer(count: columns * self.capacity)
    labels = AlignedBuffer(count: self.capacity)
    weights = AlignedBuffer(count: self.capacity)
  }

  /// How many columns this many classes have.
  public static func columns(classes: Int) -> Int { classes == 2 ? 1 : classes }

  /// Bytes an event takes.
  public static func bytesPerEvent(classes: Int) -> Int { 2 * columns(classes: classes) + 8 }

  /// Where workers write; it must not outlive this.
  var slots: Slots {
    unsafe Slots(bins: bins.pointer, stride: capacity, labels: labels.pointer, weights: weights.pointer)
  }

  /// The places of events from one on.
  @unsafe struct Slots {
    let bins: UnsafeMutablePointer<UInt16>
    /// Bins from one column to the next.
    let stride: Int
    let labels: UnsafeMutablePointer<Int32>
    let weights: UnsafeMutablePointer<Float>
  }

  /// Lets `body` read the classes and weights of the events.
  public func withEvents<Result, Failure: Error>(
    _ body: (_ labels: Span<Int32>, _ weights: Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let count = count
    return try labels.withSpan { (labels) throws(Failure) -> Result in
      try weights.withSpan { (weights) throws(Failure) -> Result in
        try body(labels.extracting(0..<count), weights.extracting(0..<count))
      }
    }
  }

  /// Lets `body` read the bins of a column, an event each.
  public func withBins<Result, Failure: Error>(
    ofColumn column: Int, _ body: (Span<UInt16>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let places = column * capacity..<column * capacity + count
    return try bins.withSpan { (bins) throws(Failure) -> Result in try body(bins.extracting(places)) }
  }
}

extension Worker {
  /// Writes classes, weights and bins of a block's events to `slots` from `place` on, a multiple of 8; the outputs stay as they are.
  func recordScores(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int,
    _ slots: RecordedScores.Slots, at place: Int
  ) {
    // Inside: the engine has made room for as many blocks as there are.
    unsafe (slots.labels + place).update(from: labels.pointer, count: rows)
    unsafe (slots.weights + place).update(from: weights.pointer, count: rows)
    switch specification.objective.head {
    case .categoricalCrossentropy:
      unsafe kernels.findScoreBins(
        rows: rows, classes: specification.classes, columns: RecordedScores.columns(classes: specification.classes),
        logits: outputs, stride: outputStride, bins: slots.bins + place, binStride: slots.stride)
    case .binaryCrossentropy:
      unsafe kernels.findBinaryScoreBins(
        rows: rows, logits: outputs, stride: outputStride, bins: slots.bins + place)
    }
  }
}
