import Machine

/// The events of one file, whose form is checked: its values can be had in any pieces, by several threads at the same time.
enum EventSource: Sendable {
  /// Values that were read: text.
  case table(EventTable)
  /// Values that are still in their file.
  case npy(NpyArray)

  /// The number of values per event.
  var features: Int {
    switch self {
    case .table(let table): table.features
    case .npy(let array): array.features
    }
  }

  var events: Int {
    switch self {
    case .table(let table): table.events
    case .npy(let array): array.events
    }
  }

  /// The name of each feature, where the file gives them.
  var columnNames: [String]? {
    switch self {
    case .table(let table): table.columnNames
    case .npy: nil
    }
  }

  /// The columns that were wanted as integers, in the order of the request: one number per event each.
  var integers: [[UInt64]] {
    switch self {
    case .table(let table): table.integers
    case .npy: []
    }
  }

  /// Puts the values of some events into the beginning of `values`: (events, features), row-major, all finite.
  func read(_ events: Range<Int>, into values: inout MutableSpan<Float>) throws(EventFault) {
    switch self {
    case .npy(let array): try array.read(events, into: &values)
    case .table(let table):
      let (from, source) = (events.lowerBound * table.features, table.values.span)
      precondition(events.upperBound <= table.events && events.count * table.features <= values.count)
      for index in 0..<events.count * table.features { values[index] = source[from + index] }
    }
  }

  /// All events, in memory.
  func table() throws(DataError) -> EventTable {
    guard case .npy = self else {
      guard case .table(let table) = self else { preconditionFailure() }
      return table
    }
    var values: [Float] = []
    values.reserveHugePages(events * features)
    let (events, features) = (events, features)
    let chunks = EventChunk.chunks(of: events)
    // Some chunks at a time, so that the values are in memory once.
    for first in stride(from: 0, to: chunks.count, by: 64) {
      let parts = concurrentMap(min(64, chunks.count - first)) { index -> Result<[Float], EventFault> in
        let chunk = chunks[first + index]
        var part = [Float](repeating: 0, count: chunk.count * features)
        var span = part.mutableSpan
        do throws(EventFault) { try self.read(chunk, into: &span) } catch { return .failure(error) }
        return .success(part)
      }
      try EventFault.throwFirst(parts.compactMap { if case .failure(let fault) = $0 { fault } else { nil } })
      for case .success(let part) in parts { values.append(contentsOf: part) }
    }
    return EventTable(features: features, values: values)
  }
}

/// Events of a file that are read in a go by one thread: few enough for its cache.
enum EventChunk {
  static let size = 8192

  static func chunks(of events: Int) -> [Range<Int>] {
    stride(from: 0, to: events, by: size).map { $0..<min($0 + size, events) }
  }
}

/// A fault of a file, and where in the file it is compared with others: the first of several is the one to report.
struct EventFault: Error {
  var place: Int
  var error: DataError

  static func throwFirst(_ faults: [EventFault]) throws(DataError) {
    if let first = faults.min(by: { $0.place < $1.place }) { throw first.error }
  }
}
