import Events
import Machine

/// What reading a file gives.
enum Outcome: Equatable, CustomStringConvertible {
  case table(EventTable)
  case error(DataError)

  /// To the bit.
  static func == (a: Outcome, b: Outcome) -> Bool {
    switch (a, b) {
    case (.table(let a), .table(let b)):
      a.features == b.features && a.events == b.events && a.columnNames == b.columnNames
        && a.integers == b.integers && a.categories == b.categories
        && a.numbers.map { $0.map(\.bitPattern) } == b.numbers.map { $0.map(\.bitPattern) }
        && a.values.elementsEqual(b.values) { $0.bitPattern == $1.bitPattern }
    case (.error(let a), .error(let b)): a == b
    default: false
    }
  }

  /// Whether a window of `size` bytes was too small for a word or header.
  func isLimit(of size: Int) -> Bool {
    guard case .error(let error) = self else { return false }
    return error.what.hasSuffix("of more than \(size) bytes")
      || error.what.hasSuffix("too long for an array of numbers")
  }

  /// Whether the other gives the same table, or an error as well.
  func isLike(_ other: Outcome) -> Bool {
    if case .error = self, case .error = other { true } else { self == other }
  }

  var description: String {
    switch self {
    case .table(let table):
      "\(table.events) events of \(table.features) features \(table.columnNames ?? []): \(table.values.prefix(20))"
    case .error(let error): error.description
    }
  }
}

/// Reads the file at `path` and looks at what no outcome may be like.
func outcome(
  _ path: String, _ layout: FileLayout, identity: [String] = [], windowSize: Int, pieceSize: Int = 1 << 19
) throws(Violation) -> Outcome {
  try outcome(path, EventRequest(layout: layout, identity: identity, windowSize: windowSize, pieceSize: pieceSize))
}

/// The same for any request.
func outcome(_ path: String, _ request: EventRequest) throws(Violation) -> Outcome {
  do {
    let table = try readEvents(file: path, request)
    try require(
      (table.features > 0) == request.takesFeatures && table.values.count == table.features * table.events
        && table.integers.allSatisfy { $0.count == table.events }
        && table.numbers.allSatisfy { $0.count == table.events && $0.allSatisfy(\.isFinite) }
        && table.categories.allSatisfy { $0.count == table.events }
        && table.columnNames?.count ?? table.features == table.features && table.values.allSatisfy(\.isFinite),
      "a table with a fault: \(Outcome.table(table))")
    return .table(table)
  } catch let error as DataError {
    try require(error.exitCode == .badData, "\(error) has exit code \(error.exitCode)")
    try requireOneLine(error.description)
    return .error(error)
  } catch let violation as Violation {
    throw violation
  } catch {
    throw Violation("an error of another type: \(error)")
  }
}
