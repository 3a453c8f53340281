import Formats
import Machine

/// A matrix of numbers in a `.npy` file.
struct NpyArray: Sendable {
  let file: SharedFile
  private let number: NpyNumber
  /// Where in the file the values begin.
  private let offset: Int
  /// Of the matrix as its values follow one another in the file.
  private let rows: Int
  private let columns: Int
  private let rowsAreEvents: Bool
  /// Whether the user's matrix is the transpose of that.
  private let isFortran: Bool

  var events: Int { rowsAreEvents ? rows : columns }
  var features: Int { rowsAreEvents ? columns : rows }

  /// The array behind a header, which `size` bytes of a file hold.
  init(_ file: SharedFile, _ header: NpyHeader, size: Int, layout: FileLayout) throws(DataError) {
    let path = file.file.path
    func fault(_ what: String, _ advice: String) -> DataError {
      DataError(.badData, file: path, what: what, advice: advice)
    }
    number = try NpyNumber(descr: header.descr, file: path)
    let extents = header.shape.map { "\($0)" }.joined(separator: ", ")
    let shape = "(" + extents.abridged() + (header.shape.count == 1 ? ",)" : ")")
    guard header.shape.count == 2 else {
      throw fault("an array of shape \(shape)", "save a two-dimensional one: (events, features) or (features, events)")
    }
    let (count, tooMany) = header.shape[0].multipliedReportingOverflow(by: header.shape[1])
    let (bytes, tooLarge) = count.multipliedReportingOverflow(by: number.size)
    let held = size - header.dataOffset
    guard !tooMany, !tooLarge, bytes == held else {
      let wanted = tooMany || tooLarge ? "more than a file can hold" : "\(bytes) bytes"
      throw fault(
        "the header says shape \(shape), which takes \(wanted), but \(held) bytes follow",
        !tooMany && !tooLarge && bytes < held
          ? "save one array per file" : "the file is cut off: write or copy it again")
    }
    (rows, columns) = header.fortranOrder ? (header.shape[1], header.shape[0]) : (header.shape[0], header.shape[1])
    rowsAreEvents = (header.fortranOrder ? layout.other : layout) == .eventsByRow
    isFortran = header.fortranOrder
    offset = header.dataOffset
    self.file = file
    guard features > 0 else {
      throw fault("an array of shape \(shape): events without features", "save the features of each event")
    }
  }

  /// Puts the values of some events into the beginning of `values`: (events, features), rounded to float32, all finite.
  func read(_ events: Range<Int>, into values: inout MutableSpan<Float>) throws(EventFault) {
    precondition(events.lowerBound >= 0 && events.upperBound <= self.events && events.count * features <= values.count)
    if rowsAreEvents {
      try read(
        events.lowerBound * columns, count: events.count * columns, into: &values, from: 0, stride: 1)
    } else {
      for feature in 0..<rows {
        try read(
          feature * columns + events.lowerBound, count: events.count, into: &values, from: feature, stride: rows)
      }
    }
  }

  /// Puts `count` values that follow one another, from number `first` on, into every `stride`th place of `values`.
  private func read(
    _ first: Int, count: Int, into values: inout MutableSpan<Float>, from start: Int, stride: Int
  ) throws(EventFault) {
    let place = offset + first * number.size
    let bad: (index: Int, value: Double)?
    if number.isNative, stride == 1, start == 0 {
      // Any four bytes are a float32.
      var bytes = unsafe values.mutableBytes
      try fill(&bytes, count: count * number.size, at: place)
      bad = firstNonFinite(values.span.extracting(0..<count)).map { ($0, Double(values[$0])) }
    } else {
      let byteCount = count * number.size
      var raw = [UInt8](repeating: 0, count: byteCount)
      var span = raw.mutableSpan
      var bytes = unsafe span.mutableBytes
      try fill(&bytes, count: byteCount, at: place)
      bad = number.convert(raw.span, to: &values, from: start, stride: stride)
    }
    guard let bad else { return }
    let (row, column) = (first + bad.index).quotientAndRemainder(dividingBy: columns)
    let element = isFortran ? "[\(column), \(row)]" : "[\(row), \(column)]"
    throw EventFault(
      place: first + bad.index,
      error: DataError(
        .badData, file: file.file.path,
        what: "element \(element) is \(bad.value)\(bad.value.isFinite ? ", beyond the range of float32" : "")",
        advice: nonFiniteAdvice))
  }

  private func fill(_ bytes: inout MutableRawSpan, count: Int, at place: Int) throws(EventFault) {
    do throws(FileError) {
      guard try file.file.read(at: place, count: count, into: &bytes) < count else { return }
    } catch { throw EventFault(place: 0, error: DataError(error)) }
    throw EventFault(
      place: 0,
      error: DataError(
        .badData, file: file.file.path, what: "cut off while it was read",
        advice: "let nothing write to it and run again"))
  }
}

/// What to do about values that no network can learn from.
let nonFiniteAdvice = "leave the event out or give the feature a finite value"

/// The place of the first value that is not finite.
private func firstNonFinite(_ values: Span<Float>) -> Int? {
  var notFinite: UInt32 = 0
  // Sets the highest bit if the exponent has all of its bits: a loop that the compiler makes a vector loop.
  for index in values.indices { notFinite |= (values[index].bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
  guard notFinite >> 31 != 0 else { return nil }
  return values.indices.first { !values[$0].isFinite }
}

/// The number types that are read.
private struct NpyNumber: Sendable {
  /// Bytes per value: 4 or 8.
  let size: Int
  private let isBigEndian: Bool

  init(descr: String, file: String) throws(DataError) {
    switch descr {
    case "<f4": (size, isBigEndian) = (4, false)
    case ">f4": (size, isBigEndian) = (4, true)
    case "<f8": (size, isBigEndian) = (8, false)
    case ">f8": (size, isBigEndian) = (8, true)
    default:
      throw DataError(
        .badData, file: file, what: "values of type \(descr.abridged()), where float32 and float64 are read",
        advice: "save array.astype(\"float32\")")
    }
  }

  /// Whether the bytes are float32 as they are in memory.
  var isNative: Bool { size == 4 && isBigEndian == (1.bigEndian == 1) }

  /// Puts the numbers in `bytes`, rounded to float32, into every `stride`th place of `values`. Returns the first that is not
  /// finite as float32, if there is one.
  func convert(
    _ bytes: Span<UInt8>, to values: inout MutableSpan<Float>, from start: Int, stride: Int
  ) -> (index: Int, value: Double)? {
    switch (size, isBigEndian) {
    case (4, false): convert(bytes, &values, start, stride) { Double(Float(bitPattern: UInt32(littleEndian: $0))) }
    case (4, true): convert(bytes, &values, start, stride) { Double(Float(bitPattern: UInt32(bigEndian: $0))) }
    case (_, false): convert(bytes, &values, start, stride) { Double(bitPattern: UInt64(littleEndian: $0)) }
    case (_, true): convert(bytes, &values, start, stride) { Double(bitPattern: UInt64(bigEndian: $0)) }
    }
  }

  /// The same for numbers whose bits stand for what `number` says.
  @inline(__always)
  private func convert<Bits: FixedWidthInteger>(
    _ bytes: Span<UInt8>, _ values: inout MutableSpan<Float>, _ start: Int, _ stride: Int, _ number: (Bits) -> Double
  ) -> (index: Int, value: Double)? {
    let count = bytes.count / MemoryLayout<Bits>.size
    precondition(start >= 0 && stride > 0 && (count == 0 || start + (count - 1) * stride < values.count))
    // SAFETY: each load lies in the bytes and asks for no alignment; each store in the values, by the line above.
    return unsafe bytes.withUnsafeBytes { bytes in
      var notFinite: UInt32 = 0
      for index in 0..<count {
        let bits = unsafe bytes.loadUnaligned(fromByteOffset: index &* MemoryLayout<Bits>.size, as: Bits.self)
        let value = Float(number(bits))
        unsafe values[unchecked: start &+ index &* stride] = value
        notFinite |= (value.bitPattern & 0x7F80_0000) &+ 0x0080_0000
      }
      guard notFinite >> 31 != 0 else { return nil }
      for index in 0..<count {
        let value = number(unsafe bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
        if !Float(value).isFinite { return (index, value) }
      }
      return nil
    }
  }
}
