import Machine
import MPI

extension EventStore {
  /// The rows of a store while several threads write them: each row by one of them.
  // Every write is checked to be inside the columns.
  @safe
  struct Rows {
    private let layout: Layout
    private let features: UnsafeMutablePointer<Float>
    private let classes: UnsafeMutablePointer<Int32>
    private let weights: UnsafeMutablePointer<Float>
    private let identities: UnsafeMutablePointer<UInt64>

    fileprivate init(_ layout: Layout, _ start: UnsafeMutableRawPointer) {
      self.layout = layout
      // SAFETY: the layout says where each column begins, aligned, and how long it is.
      unsafe features = (start + layout.features.offset).bindMemory(to: Float.self, capacity: layout.features.count)
      unsafe classes = (start + layout.classes.offset).bindMemory(to: Int32.self, capacity: layout.events)
      unsafe weights = (start + layout.classes.end).bindMemory(
        to: Float.self, capacity: layout.events * layout.weightCount)
      unsafe identities = (start + layout.identities.offset).bindMemory(to: UInt64.self, capacity: layout.events)
    }

    /// Writes an event.
    @inline(__always)
    mutating func write(_ row: Int, features values: Span<Float>, label: Int32, identity: UInt64) {
      precondition(row >= 0 && row < layout.events && values.count <= layout.stride, "row \(row) of \(layout.events)")
      // SAFETY: inside all columns, by the line above.
      let start = unsafe features + row &* layout.stride
      for feature in values.indices { unsafe start[feature] = values[unchecked: feature] }
      for column in values.count..<layout.stride { unsafe start[column] = 0 }
      unsafe classes[row] = label
      unsafe identities[row] = identity
    }

    /// Writes a weight of an event.
    @inline(__always)
    mutating func write(_ row: Int, weight: Float, column: Int) {
      precondition(row >= 0 && row < layout.events && column >= 0 && column < layout.weightCount, "row \(row)")
      // SAFETY: inside the columns, by the line above; they follow one another.
      unsafe weights[column &* layout.events &+ row] = weight
    }
  }
}

extension SharedMemory.Contents {
  /// What `body` gives for each number below `count`, by all CPUs: it may write rows of its own.
  mutating func concurrentlyWrite<Value: Sendable>(
    _ layout: EventStore.Layout, _ count: Int, _ body: @Sendable (Int, inout EventStore.Rows) -> Value
  ) -> [Value] {
    withMutableSpan(of: UInt8.self, at: 0, count: layout.byteCount) { bytes in
      // SAFETY: no two numbers write the same row, and all is done before the pointer ends.
      unsafe bytes.withUnsafeMutableBytes { bytes in
        guard let start = bytes.baseAddress else { return [] }
        nonisolated(unsafe) let rows = unsafe EventStore.Rows(layout, start)
        return concurrentMap(count) { number in
          var rows = unsafe rows
          return body(number, &rows)
        }
      }
    }
  }
}
