import Formats
import Machine

extension EventReader {
  static let npy = EventReader(recognises: { $0.begins(with: npyMagic) }) {
    window, request throws(DataError) in
    guard request.identity.isEmpty else {
      throw DataError(
        .badData, file: window.path,
        what: "columns without names, where \(request.identity.joined(separator: ", ")) identify an event",
        advice: "write the events as text with a header")
    }
    return try readNpy(&window, layout: request.layout)
  }

  static let misnamedNpy = EventReader(recognises: { $0.path.hasSuffix(".npy") }) {
    window, _ throws(DataError) in
    throw DataError(
      .badData, file: window.path, what: "named .npy, but it does not begin as a .npy file does",
      advice: "write it with numpy.save, or rename it if it is text")
  }
}

private func readNpy(_ window: inout FileWindow, layout: FileLayout) throws(DataError) -> EventTable {
  let file = window.path
  let header: NpyHeader
  do { header = try NpyHeader(window.buffer.span.extracting(0..<window.count), size: window.size) } catch {
    throw DataError(.badData, file: file, what: error.what, advice: error.advice)
  }
  let number = try NpyNumber(descr: header.descr, file: file)
  let extents = header.shape.map { "\($0)" }.joined(separator: ", ")
  let shape = "(" + extents.abridged() + (header.shape.count == 1 ? ",)" : ")")
  func fault(_ what: String, _ advice: String) -> DataError {
    DataError(.badData, file: file, what: what, advice: advice)
  }
  guard header.shape.count == 2 else {
    throw fault("an array of shape \(shape)", "save a two-dimensional one: (events, features) or (features, events)")
  }
  let (count, tooMany) = header.shape[0].multipliedReportingOverflow(by: header.shape[1])
  let (bytes, tooLarge) = count.multipliedReportingOverflow(by: number.size)
  let held = window.size - header.dataOffset
  guard !tooMany, !tooLarge, bytes == held else {
    let wanted = tooMany || tooLarge ? "more than a file can hold" : "\(bytes) bytes"
    throw fault(
      "the header says shape \(shape), which takes \(wanted), but \(held) bytes follow",
      !tooMany && !tooLarge && bytes < held ? "save one array per file" : "the file is cut off: write or copy it again")
  }
  // In Fortran order the transpose lies in the file.
  let (rows, columns) =
    header.fortranOrder ? (header.shape[1], header.shape[0]) : (header.shape[0], header.shape[1])
  let stored = header.fortranOrder ? layout.other : layout
  guard (stored == .eventsByRow ? columns : rows) > 0 else {
    throw fault("an array of shape \(shape): events without features", "save the features of each event")
  }

  var values: [Float] = []
  values.reserveHugePages(count)
  try window.advance(by: header.dataOffset)
  while values.count < count {
    let whole = window.count - window.count % number.size
    guard whole > 0 else { throw fault("cut off while it was read", "let nothing write to it and run again") }
    if let bad = number.append(window.buffer.span.extracting(0..<whole), to: &values) {
      let (row, column) = values.count.quotientAndRemainder(dividingBy: columns)
      let place = header.fortranOrder ? "[\(column), \(row)]" : "[\(row), \(column)]"
      throw fault("element \(place) is \(bad)\(bad.isFinite ? ", beyond the range of float32" : "")", nonFiniteAdvice)
    }
    try window.advance(by: whole)
  }
  return EventTable(matrix: values, rows: rows, columns: columns, layout: stored)
}

/// What to do about values that no network can learn from.
let nonFiniteAdvice = "leave the event out or give the feature a finite value"

/// The number types that are read.
private struct NpyNumber {
  /// Bytes per value: 4 or 8.
  let size: Int
  let isBigEndian: Bool

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

  /// Appends the numbers in `bytes`, rounded to float32; stops at one that is not finite as float32 and returns it.
  func append(_ bytes: Span<UInt8>, to values: inout [Float]) -> Double? {
    switch (size, isBigEndian) {
    case (4, false): append(bytes, to: &values) { Double(Float(bitPattern: UInt32(littleEndian: $0))) }
    case (4, true): append(bytes, to: &values) { Double(Float(bitPattern: UInt32(bigEndian: $0))) }
    case (_, false): append(bytes, to: &values) { Double(bitPattern: UInt64(littleEndian: $0)) }
    case (_, true): append(bytes, to: &values) { Double(bitPattern: UInt64(bigEndian: $0)) }
    }
  }

  /// The same for numbers whose bits stand for what `number` says. Goes block by block, in the cache, with a loop that the
  /// compiler makes a vector loop; for float32 nothing is left of it but a copy and the test.
  @inline(__always)
  private func append<Bits: FixedWidthInteger>(
    _ bytes: Span<UInt8>, to values: inout [Float], _ number: (Bits) -> Double
  ) -> Double? {
    let block = 2048
    // SAFETY: each load lies in the bytes, whose count is a multiple of the size, and asks for no alignment; each store in
    // the block.
    return unsafe bytes.withUnsafeBytes { bytes in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { rounded in
        for start in stride(from: 0, to: bytes.count, by: block * size) {
          let count = min(block, (bytes.count - start) / size)
          var notFinite: UInt32 = 0
          for index in 0..<count {
            let bits = unsafe bytes.loadUnaligned(
              fromByteOffset: start &+ index &* MemoryLayout<Bits>.size, as: Bits.self)
            let value = Float(number(bits))
            unsafe rounded[index] = value
            // Sets the highest bit if the exponent has all of its bits.
            notFinite |= (value.bitPattern & 0x7F80_0000) &+ 0x0080_0000
          }
          let isFinite = notFinite >> 31 == 0
          let good = unsafe isFinite ? count : rounded[..<count].firstIndex { !$0.isFinite } ?? count
          unsafe values.append(contentsOf: rounded[..<good])
          if !isFinite {
            return unsafe number(bytes.loadUnaligned(fromByteOffset: start + good * size, as: Bits.self))
          }
        }
        return nil
      }
    }
  }
}
