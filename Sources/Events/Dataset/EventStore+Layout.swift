public import MPI

extension EventStore {
  /// Numbers of one type in the memory of a store, `count` of them from byte `offset` on.
  public struct Column<Element: Numeric & BitwiseCopyable & Sendable>: Equatable, Sendable {
    public let offset: Int
    public let count: Int

    /// The byte after the column.
    var end: Int { offset + count * MemoryLayout<Element>.stride }
  }

  /// Where the columns of a store are in its memory, and how many bytes they take: known here and nowhere else.
  ///
  /// Features (row by row, each padded with zeros to a multiple of 16), classes, weights and observers (column by column)
  /// follow one another without a gap, four bytes a number; identities come last, at a multiple of eight bytes.
  public struct Layout: Equatable, Sendable {
    public let events: Int
    /// Floats from the features of one event to those of the next.
    public let stride: Int
    let weightCount: Int
    private let observerCount: Int

    public init(events: Int, features: Int, weights: Int = 0, observers: Int = 0) {
      self.events = events
      stride = (features + 15) & ~15
      weightCount = weights
      observerCount = observers
    }

    public var features: Column<Float> { Column(offset: 0, count: events * stride) }
    public var classes: Column<Int32> { Column(offset: features.end, count: events) }

    public func weights(_ column: Int) -> Column<Float> {
      precondition(column >= 0 && column < weightCount, "weight \(column) of \(weightCount)")
      return number(column)
    }

    public func observers(_ column: Int) -> Column<Float> {
      precondition(column >= 0 && column < observerCount, "observer \(column) of \(observerCount)")
      return number(weightCount + column)
    }

    public var identities: Column<UInt64> { Column(offset: (numbersEnd + 7) & ~7, count: events) }
    public var byteCount: Int { identities.end }

    /// The bytes that ``EventStore/digest`` covers.
    func digested(withIdentities: Bool) -> Range<Int> { 0..<(withIdentities ? byteCount : numbersEnd) }

    /// Has `fill` write the columns, and clears what may be between them.
    func write(_ contents: inout SharedMemory.Contents, _ fill: (inout SharedMemory.Contents) -> Void) {
      contents.write(Column<UInt8>(offset: numbersEnd, count: identities.offset - numbersEnd)) { gap in
        for index in gap.indices { gap[index] = 0 }
      }
      fill(&contents)
    }

    /// One of the columns after the classes.
    private func number(_ column: Int) -> Column<Float> {
      Column(offset: classes.end + 4 * events * column, count: events)
    }
    private var numbersEnd: Int { number(weightCount + observerCount).offset }
  }
}

extension SharedMemory.Contents {
  /// Lets `body` write a column.
  public mutating func write<Element, Result>(
    _ column: EventStore.Column<Element>, _ body: (inout MutableSpan<Element>) -> Result
  ) -> Result {
    withMutableSpan(of: Element.self, at: column.offset, count: column.count, body)
  }
}
