import Machine

/// The events of one file, whose format has been checked: its values can be read in any pieces, by several threads at the same
/// time.
struct EventSource: Sendable {
  private enum Storage {
    /// Values that were read: text.
    case table(EventTable)
    /// Values that are still in their file.
    case npy(NpyArray)
    /// Values that are still in their file, and have names.
    case columns(NpyColumns)
  }
  private let storage: Storage
  /// The weights of the events that stand in a file of their own, where there is one.
  var fileWeights: FileWeights?
  /// The number of its first event in the file, from 0, where these are the events of a part of it.
  var firstEvent = 0

  /// Values that were read.
  static func table(_ table: EventTable) -> EventSource { EventSource(storage: .table(table)) }

  /// Values that are still in their file.
  static func npy(_ array: NpyArray) -> EventSource { EventSource(storage: .npy(array)) }

  /// Values that are still in their file, and have names.
  static func columns(_ array: NpyColumns) -> EventSource { EventSource(storage: .columns(array)) }

  private init(storage: Storage) { self.storage = storage }

  /// The number of values per event.
  var features: Int {
    switch storage {
    case .table(let table): table.features
    case .npy(let array): array.features
    case .columns(let array): array.features
    }
  }

  var events: Int {
    switch storage {
    case .table(let table): table.events
    case .npy(let array): array.events
    case .columns(let array): array.events
    }
  }

  /// The name of each feature, where the file gives them.
  var columnNames: [String]? {
    switch storage {
    case .table(let table): table.columnNames
    case .npy: nil
    case .columns(let array): array.featureNames
    }
  }

  /// The number of columns that are taken as integers, of those in double precision, and of category columns.
  var columnCounts: (identities: Int, numbers: Int, categories: Int) {
    switch storage {
    case .table(let table): (table.integers.count, table.numbers.count, table.categories.count)
    case .npy: (0, 0, 0)
    case .columns(let array): array.columnCounts
    }
  }

  /// Puts the values of some events into the beginning of `values`: (events, features), row-major, all finite unless others are
  /// allowed.
  func read(
    _ events: Range<Int>, into values: inout MutableSpan<Float>, allowsNonFinite: Bool = false
  ) throws(EventFault) {
    switch storage {
    case .npy(let array): try array.read(events, into: &values, allowsNonFinite: allowsNonFinite)
    case .columns(let array): try array.read(events, into: &values, allowsNonFinite: allowsNonFinite)
    case .table(let table):
      copy(table.values, events.lowerBound * table.features..<events.upperBound * table.features, to: &values)
    }
  }

  /// Puts the values that some events have in number column `column` of the request into the beginning of `values`: all finite, or
  /// NaN where the request allows that; with `allowsUnusable`, or where the request allows it, as they are.
  func read(_ events: Range<Int>, number column: Int, into values: inout MutableSpan<Double>) throws(EventFault) {
    try read(events, numbers: column..<column + 1, into: &values)
  }

  /// The same of several columns, one after the other. To read all at once is faster than one by one.
  func read(
    _ events: Range<Int>, numbers columns: Range<Int>, into values: inout MutableSpan<Double>,
    allowsUnusable: Bool = false
  ) throws(EventFault) {
    switch storage {
    case .npy: precondition(columns.isEmpty, "an array without names has no such column")
    case .columns(let array):
      try array.read(events, numbers: columns, into: &values, allowsUnusable: allowsUnusable)
    case .table(let table):
      for (index, column) in columns.enumerated() {
        copy(table.numbers[column], events, to: &values, from: index * events.count)
      }
    }
  }

  /// The same of identity column `column`.
  func read(_ events: Range<Int>, identity column: Int, into values: inout MutableSpan<UInt64>) throws(EventFault) {
    switch storage {
    case .npy: preconditionFailure("an array without names has no such column")
    case .columns(let array): try array.read(events, identity: column, into: &values)
    case .table(let table): copy(table.integers[column], events, to: &values)
    }
  }

  /// The same of category column `column`: the number of the group that lists the value.
  func read(_ events: Range<Int>, category column: Int, into values: inout MutableSpan<UInt16>) throws(EventFault) {
    switch storage {
    case .npy: preconditionFailure("an array without names has no such column")
    case .columns(let array): try array.read(events, category: column, into: &values)
    case .table(let table): copy(table.categories[column], events, to: &values)
    }
  }

  /// All events, in memory.
  func table() throws(DataError) -> EventTable {
    if case .table(let table) = storage { return table }
    var values: [Float] = []
    values.reserveHugePages(events * features)
    let features = features
    try forEachChunk { chunk throws(EventFault) in
      var part = [Float](repeating: 0, count: chunk.count * features)
      var span = part.mutableSpan
      try self.read(chunk, into: &span)
      return part
    } body: {
      values.append(contentsOf: $0)
    }
    var columns = EventColumns()
    let counts = columnCounts
    for column in 0..<counts.identities {
      columns.identities.append(
        try all(0) { chunk, span throws(EventFault) in try self.read(chunk, identity: column, into: &span) })
    }
    columns.numbers = try numberColumns()
    for column in 0..<counts.categories {
      columns.categories.append(
        try all(0) { chunk, span throws(EventFault) in try self.read(chunk, category: column, into: &span) })
    }
    return EventTable(events: events, features: features, values: values, columnNames: columnNames).with(columns)
  }

  /// The number columns of all events.
  private func numberColumns() throws(DataError) -> [[Double]] {
    let count = columnCounts.numbers
    var columns = [[Double]](repeating: [], count: count)
    for column in columns.indices { columns[column].reserveHugePages(events) }
    guard count > 0 else { return columns }
    try forEachChunk { chunk throws(EventFault) in
      var part = [Double](repeating: 0, count: chunk.count * count)
      var span = part.mutableSpan
      try self.read(chunk, numbers: 0..<count, into: &span)
      return part
    } body: { part in
      let events = part.count / count
      for column in columns.indices { columns[column] += part[column * events..<(column + 1) * events] }
    }
    return columns
  }

  /// A column of all events, which `read` puts into a span for some of them.
  private func all<Value: Sendable>(
    _ zero: Value, _ read: @Sendable (Range<Int>, inout MutableSpan<Value>) throws(EventFault) -> Void
  ) throws(DataError) -> [Value] {
    var all: [Value] = []
    try forEachChunk { chunk throws(EventFault) in
      var part = [Value](repeating: zero, count: chunk.count)
      var span = part.mutableSpan
      try read(chunk, &span)
      return part
    } body: {
      all += $0
    }
    return all
  }

  /// Gives `body` what `read` finds in the events, chunk by chunk: some at a time by all CPUs, so that the values are in memory
  /// once.
  private func forEachChunk<Part: Sendable>(
    _ read: @Sendable (Range<Int>) throws(EventFault) -> Part, body: (Part) -> Void
  ) throws(DataError) {
    let chunks = EventChunk.chunks(of: events)
    for first in stride(from: 0, to: chunks.count, by: 64) {
      let parts = concurrentMap(min(64, chunks.count - first)) { index -> Result<Part, EventFault> in
        do throws(EventFault) { return .success(try read(chunks[first + index])) } catch { return .failure(error) }
      }
      try EventFault.throwFirst(parts.compactMap { if case .failure(let fault) = $0 { fault } else { nil } })
      for case .success(let part) in parts { body(part) }
    }
  }
}

/// Copies some values of an array to a span, from its place `start` on.
func copy<Value>(_ source: [Value], _ range: Range<Int>, to values: inout MutableSpan<Value>, from start: Int = 0) {
  precondition(range.upperBound <= source.count && start >= 0 && start + range.count <= values.count)
  let source = source.span
  for index in 0..<range.count { values[start + index] = source[range.lowerBound + index] }
}

/// The number of events that one thread reads at a time: few enough for its cache.
enum EventChunk {
  static let size = 8192

  static func chunks(of events: Int) -> [Range<Int>] {
    stride(from: 0, to: events, by: size).map { $0..<min($0 + size, events) }
  }
}

/// A fault of a file, with its position, by which faults are compared: the first of several is reported.
struct EventFault: Error {
  var place: Int
  var error: DataError

  static func throwFirst(_ faults: [EventFault]) throws(DataError) {
    if let first = faults.min(by: { $0.place < $1.place }) { throw first.error }
  }
}
