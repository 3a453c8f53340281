import Formats
import Machine

/// A matrix of numbers in a `.npy` file.
struct NpyArray: Sendable {
  private let file: FileBytes
  private let number: NpyNumber
  /// Where in the file the values begin.
  private let offset: Int
  /// Of the matrix as its values follow one another in the file.
  private let rows: Int
  private let columns: Int
  private let rowsAreEvents: Bool
  /// Whether the user's matrix is the transpose of that.
  private let isFortran: Bool
  /// Whether the user's array has one dimension.
  private let isVector: Bool

  var events: Int { rowsAreEvents ? rows : columns }
  var features: Int { rowsAreEvents ? columns : rows }

  /// The array after a header, which `size` bytes of a file hold.
  init(_ file: FileBytes, _ header: NpyHeader, size: Int, layout: FileLayout) throws(DataError) {
    let path = file.path
    func fault(_ what: String, _ advice: String) -> DataError {
      DataError(.badData, file: path, what: what, advice: advice)
    }
    number = try header.number(in: path)
    guard (1...2).contains(header.shape.count) else { throw header.notAMatrix(in: path) }
    try header.requireValues(of: number.size, in: path, size: size)
    isVector = header.shape.count == 1
    if isVector {
      // One feature, in any layout.
      (rows, columns, rowsAreEvents, isFortran) = (header.shape[0], 1, true, false)
    } else {
      (rows, columns) = header.fortranOrder ? (header.shape[1], header.shape[0]) : (header.shape[0], header.shape[1])
      rowsAreEvents = (header.fortranOrder ? layout.other : layout) == .eventsByRow
      isFortran = header.fortranOrder
    }
    offset = header.dataOffset
    self.file = file
    guard features > 0 else {
      throw fault(
        "an array of shape \(header.shapeText): events without features", "save the features of each event")
    }
  }

  /// Puts the values of some events into the beginning of `values`: (events, features), rounded to float32, all finite unless others
  /// are allowed.
  func read(
    _ events: Range<Int>, into values: inout MutableSpan<Float>, allowsNonFinite: Bool = false
  ) throws(EventFault) {
    precondition(events.lowerBound >= 0 && events.upperBound <= self.events && events.count * features <= values.count)
    if rowsAreEvents {
      try read(
        events.lowerBound * columns, count: events.count * columns, into: &values, from: 0, stride: 1, allowsNonFinite)
    } else {
      for feature in 0..<rows {
        try read(
          feature * columns + events.lowerBound, count: events.count, into: &values, from: feature, stride: rows,
          allowsNonFinite)
      }
    }
  }

  /// Puts `count` values that follow one another, from number `first` on, into every `stride`th place of `values`.
  private func read(
    _ first: Int, count: Int, into values: inout MutableSpan<Float>, from start: Int, stride: Int,
    _ allowsNonFinite: Bool
  ) throws(EventFault) {
    let place = offset + first * number.size
    let bad: (index: Int, value: Double)?
    if number.isNativeFloat, stride == 1, start == 0 {
      // Any four bytes are a float32.
      var bytes = unsafe values.mutableBytes
      try file.fill(&bytes, count: count * number.size, at: place)
      bad = firstNonFinite(values.span.extracting(0..<count)).map { ($0, Double(values[$0])) }
    } else {
      let byteCount = count * number.size
      var raw = [UInt8](repeating: 0, count: byteCount)
      var span = raw.mutableSpan
      var bytes = unsafe span.mutableBytes
      try file.fill(&bytes, count: byteCount, at: place)
      let size = number.size
      if number.convert(raw.span, step: size, count: count, to: &values, from: start, stride: stride) {
        bad = nil
      } else {
        bad = (0..<count).first { !values[start + $0 * stride].isFinite }.map {
          ($0, number.double(raw.span, at: $0, step: size))
        }
      }
    }
    guard let bad, !allowsNonFinite else { return }
    let (row, column) = (first + bad.index).quotientAndRemainder(dividingBy: columns)
    let element = isVector ? "[\(row)]" : isFortran ? "[\(column), \(row)]" : "[\(row), \(column)]"
    throw EventFault(
      place: first + bad.index,
      error: DataError(
        .badData, file: file.path,
        what: "element \(element) is \(bad.value)\(bad.value.isFinite ? ", beyond the range of float32" : "")",
        advice: nonFiniteAdvice))
  }
}

/// Advice for values that no network can learn from.
let nonFiniteAdvice = "leave the event out or give the feature a finite value"

/// The same of an event's weight.
let nonFiniteWeightAdvice = "leave the event out or give it a finite weight"

/// The place of the first value that is not finite.
private func firstNonFinite(_ values: Span<Float>) -> Int? {
  var notFinite: UInt32 = 0
  // Sets the highest bit if the exponent has all of its bits: a loop that the compiler makes a vector loop.
  for index in values.indices { notFinite |= (values[index].bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
  guard notFinite >> 31 != 0 else { return nil }
  return values.indices.first { !values[$0].isFinite }
}
