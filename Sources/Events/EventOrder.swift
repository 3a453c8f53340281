internal import MPI

/// The order in which rows of a data set are shown.
public enum EventOrder: Sendable {
  /// The training events by the epoch's permutation.
  case shuffled(Shuffle)
  /// Row after row from `first` on.
  case sequential(first: Int)

  /// The rows at `places`, one for each element of `rows`.
  fileprivate func find(_ rows: inout MutableSpan<Int>, from first: Int) {
    switch self {
    case .shuffled(let shuffle): shuffle.rows(at: first..<first + rows.count, into: &rows)
    case .sequential(let start): for index in rows.indices { rows[index] = start + first + index }
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
    let (stride, events, count) = (stride, events, places.count)
    let classWeights = classWeights.span
    precondition(featureStride <= stride && count * featureStride <= block.count && count <= blockLabels.count)
    // All rows first: then the copies do not wait for the permutation, and the misses of several rows overlap.
    return unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { scratch in
      unsafe scratch.initialize(repeating: 0)
      var rows = unsafe scratch.mutableSpan  // Used in this closure alone.
      order.find(&rows, from: places.lowerBound)
      memory.withSpan { numbers in
        for index in 0..<count {
          let row = rows[index]
          precondition(row >= 0 && row < events, "row \(row) of \(events)")
          let from = row &* stride
          let to = index &* featureStride
          // Inside both: the row is one of the data set's, and the block was measured above.
          for column in 0..<featureStride {
            unsafe block[unchecked: to &+ column] = unsafe numbers[unchecked: from &+ column]
          }
          let label = numbers[events &* stride &+ row].bitPattern
          blockLabels[index] = Int32(bitPattern: label)
          blockWeights[index] = classWeights[Int(label)]
        }
      }
      return count
    }
  }
}
