/// The order in which rows of a data set are shown.
public enum EventOrder: Sendable {
  /// The training events by the epoch's permutation.
  case shuffled(Shuffle)
  /// Row after row from `first` on.
  case sequential(first: Int)

  func row(at place: Int) -> Int {
    switch self {
    case .shuffled(let shuffle): shuffle[place]
    case .sequential(let first): first + place
    }
  }
}

extension Dataset {
  /// Copies the events at `places` of an order into a block.
  ///
  /// - Parameters:
  ///   - features: (rows, featureStride), featureStride ≥ number of features and ≤ stride.
  ///   - labels: (rows).
  ///   - weights: (rows).
  /// - Returns: the number of rows.
  public func gather(
    _ places: Range<Int>, in order: EventOrder, featureStride: Int, features block: inout MutableSpan<Float>,
    labels blockLabels: inout MutableSpan<Int32>, weights blockWeights: inout MutableSpan<Float>
  ) -> Int {
    let all = features.span
    let allLabels = labels.span
    let allWeights = weights.span
    let stride = stride
    for (index, place) in places.enumerated() {
      let row = order.row(at: place)
      let from = row * stride
      let to = index * featureStride
      for column in 0..<featureStride { block[to &+ column] = all[from &+ column] }
      blockLabels[index] = allLabels[row]
      blockWeights[index] = allWeights[row]
    }
    return places.count
  }
}
