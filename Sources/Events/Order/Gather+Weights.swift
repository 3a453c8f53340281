import CProcessor
import MPI

extension EventStore {
  /// The same as `gather` for events whose weights are a column: of each the weight's bits under a mask, which takes the sign away
  /// where the training uses magnitudes. In a function of its own, so that events without weights are gathered as ever.
  func gatherWeighted(
    _ places: Range<Int>, in order: EventOrder, featureStride: Int, features block: inout MutableSpan<Float>,
    labels blockLabels: inout MutableSpan<Int32>, weights blockWeights: inout MutableSpan<Float>, _ kind: WeightKind
  ) {
    let (stride, events, count) = (stride, events, places.count)
    let mask: UInt32 = kind == .monitor || header.trainsOnSigns ? .max : .max >> 1
    withSpan(layout.features) { numbers in
      withSpan(layout.classes) { classes in
        withSpan(layout.weights(0)) { weights in
          var rows = InlineArray<32, Int>(repeating: 0)
          for first in Swift.stride(from: 0, to: count, by: rows.count) {
            let group = first..<min(first + rows.count, count)
            order.find(&rows, count: group.count, from: places.lowerBound + first)
            if numbers.count + classes.count > Self.cached {
              prefetch(rows, count: group.count, numbers, classes)
              prefetch(rows, count: group.count, weights)
            }
            for index in group {
              let row = rows[index - first]
              precondition(row >= 0 && row < events, "row \(row) of \(events)")
              let (from, to) = (row &* stride, index &* featureStride)
              // Inside both: the row is one of the store's, and the block was measured by the caller.
              for column in 0..<featureStride {
                unsafe block[unchecked: to &+ column] = unsafe numbers[unchecked: from &+ column]
              }
              blockLabels[index] = classes[row]
              blockWeights[index] = Float(bitPattern: weights[row].bitPattern & mask)
            }
          }
        }
      }
    }
  }

  /// Asks for the weights of the first `count` rows.
  private func prefetch(_ rows: InlineArray<32, Int>, count: Int, _ weights: Span<Float>) {
    unsafe weights.withUnsafeBufferPointer { weights in
      guard let start = weights.baseAddress else { return }
      // Addresses alone: nothing is read.
      for index in 0..<count { unsafe shim_prefetch(start + rows[index]) }
    }
  }
}
