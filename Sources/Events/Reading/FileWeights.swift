import Formats
import Machine

/// The weights of the events of a file, one number an event, which stand in a file of their own: a `.npy` array of numbers with one
/// extent that is not 1, or text with a number a line.
struct FileWeights: Sendable {
  private enum Storage {
    /// Numbers that were read: text.
    case values([Double])
    /// Numbers that are still in their file, from `offset` on.
    case npy(FileBytes, NpyNumber, offset: Int)
  }
  private let storage: Storage
  /// The path of the file.
  let path: String
  /// The number of weights in it.
  let count: Int

  private let allowsUnusable: Bool

  /// Opens the file of weights at `path`: text is read, of an array the header. With `allowsUnusable` weights need not be finite.
  init(
    _ path: String, windowSize: Int = 1 << 23, _ dialect: TextDialect = TextDialect(), allowsUnusable: Bool = false
  ) throws(DataError) {
    var window = try FileWindow.open(path, capacity: windowSize)
    guard window.count > 0 else {
      throw DataError(
        .badData, file: path, what: "an empty file", advice: "write the weights again, or name another file")
    }
    for reader in EventReader.foreign where reader.recognises(window) {
      _ = try reader.read(&window, EventRequest(layout: .eventsByRow))
    }
    (self.path, self.allowsUnusable) = (path, allowsUnusable)
    if EventReader.npy.recognises(window) || EventReader.npz.recognises(window) {
      let (header, bytes, size) = try window.weights()
      guard header.fields.isEmpty else {
        throw DataError(
          .badData, file: path, what: "a structured array instead of one weight per event",
          advice: "save one of its fields, or name it in data.weight if it holds the events")
      }
      let number = try header.number(in: path)
      guard header.shape.count == 1 || header.shape.count == 2 && header.shape.contains(1) else {
        throw DataError(
          .badData, file: path, what: "an array of shape \(header.shapeText) instead of one weight per event",
          advice: "save an array of shape (events,)")
      }
      try header.requireValues(of: number.size, in: path, size: size)
      count = header.shape.reduce(1, *)
      storage = .npy(bytes, number, offset: header.dataOffset)
    } else if EventReader.misnamedNpy.recognises(window) {
      _ = try EventReader.misnamedNpy.read(&window, EventRequest(layout: .eventsByRow))
      preconditionFailure("it refuses what it recognises")
    } else {
      window.translate(from: dialect)
      let values = try numbers(in: &window, dialect, allowsUnusable: allowsUnusable)
      count = values.count
      storage = .values(values)
    }
  }

  /// Puts the weights of some events into the beginning of `values`: all finite, unless others are allowed.
  func read(_ events: Range<Int>, into values: inout MutableSpan<Double>) throws(EventFault) {
    precondition(events.lowerBound >= 0 && events.upperBound <= count && events.count <= values.count)
    switch storage {
    case .values(let all): copy(all, events, to: &values)
    case .npy(let file, let number, let offset):
      let bytes = try file.bytes(events.count * number.size, at: offset + events.lowerBound * number.size)
      if number.convert(bytes.span, step: number.size, count: events.count, to: &values) { return }
      guard !allowsUnusable, let bad = (0..<events.count).first(where: { !values[$0].isFinite }) else { return }
      throw EventFault(
        place: events.lowerBound + bad,
        error: DataError(
          .badData, file: path, what: "element [\(events.lowerBound + bad)] is \(values[bad])",
          advice: nonFiniteWeightAdvice))
    }
  }
}

extension FileWeights {
  /// All weights, in memory.
  func values() throws(DataError) -> [Double] {
    let chunks = EventChunk.chunks(of: count)
    var all: [Double] = []
    for chunk in chunks {
      var part = [Double](repeating: 0, count: chunk.count)
      var span = part.mutableSpan
      do throws(EventFault) { try read(chunk, into: &span) } catch { throw error.error }
      all += part
    }
    return all
  }
}

extension FileWindow {
  /// The header of an array of weights, its bytes and their number.
  fileprivate mutating func weights() throws(DataError) -> (NpyHeader, FileBytes, Int) {
    guard EventReader.npz.recognises(self) else {
      let header = try NpyHeader(self)
      let (bytes, size) = try array(behind: header)
      return (header, bytes, size)
    }
    let archive = try NpzArchive(self)
    guard archive.arrays.count == 1 else {
      throw DataError(
        .badData, file: path, what: "\(archive.arrays.count) arrays instead of one weight per event",
        advice: "save only the weights in this file")
    }
    let bytes = try archive.unpacked(archive.arrays[0])
    let header = try archive.header(of: archive.arrays[0], bytes)
    return (header, .memory(bytes, path: path), bytes.count)
  }
}

/// Reads a file of weights: see ``ProcessFiles/weightFiles``.
public func readWeights(file: String, windowSize: Int = 1 << 23) throws(DataError) -> [Double] {
  try FileWeights(file, windowSize: windowSize).values()
}

/// The numbers of a text, one a line. The first line may be a name; blank lines and comments are skipped.
private func numbers(
  in window: inout FileWindow, _ dialect: TextDialect, allowsUnusable: Bool
) throws(DataError) -> [Double] {
  var lines = NumberLines(file: window.path, dialect, allowsUnusable: allowsUnusable)
  while window.count > 0 {
    let read = try lines.read(
      window.buffer.span.extracting(0..<window.count), at: window.offset, isLast: window.atEnd)
    guard read > 0 || window.atEnd else {
      throw lines.fault(0, "a line of more than \(window.count) bytes", "check that this is a text file of numbers")
    }
    try window.advance(by: read)
  }
  return lines.values
}

/// Lines of one number each, as they are read window by window.
private struct NumberLines {
  let file: String
  let dialect: TextDialect
  let allowsUnusable: Bool
  private(set) var values: [Double] = []
  private var line = 1
  private var isFirst = true

  init(file: String, _ dialect: TextDialect, allowsUnusable: Bool) {
    (self.file, self.dialect, self.allowsUnusable) = (file, dialect, allowsUnusable)
  }

  /// An error at a byte of the present line.
  func fault(_ place: Int, _ what: String, _ advice: String) -> DataError {
    DataError(.badData, file: file, line: line, column: place + 1, what: what, advice: advice)
  }

  /// Reads the whole lines of bytes that begin at `offset` in the file. Returns where they end.
  mutating func read(_ bytes: Span<UInt8>, at offset: Int, isLast: Bool) throws(DataError) -> Int {
    var position = startOfText(bytes, at: offset)
    while position < bytes.count {
      let end = endOfLine(bytes, from: position)
      // A carriage return at the very end may have its newline in the next window.
      if !isLast, end + 1 >= bytes.count { return position }
      try readLine(bytes.extracting(position..<end))
      guard end < bytes.count else { return end }
      position = startOfNextLine(bytes, from: end)
      line += 1
    }
    return position
  }

  private mutating func readLine(_ bytes: Span<UInt8>) throws(DataError) {
    let start = startOfWord(bytes, from: 0)
    guard start < bytes.count, bytes[start] != Byte.hash else { return }
    let isQuoted = bytes[start] == Byte.quote
    var end = start + (isQuoted ? 1 : 0)
    var value = parseDouble(bytes, from: &end)
    let isClosed = !isQuoted || end < bytes.count && bytes[end] == Byte.quote
    if isQuoted, isClosed { end += 1 }
    defer { isFirst = false }
    if value.isFinite, isClosed, isEndOfNumber(bytes, at: end) {
      // A weight.
    } else if allowsUnusable, let unusable = unusableWord(bytes, from: start) {
      (value, end) = unusable
    } else {
      if isFirst, isName(bytes.extracting(start..<bytes.count), dialect) { return }
      let rows = TextRows(file: file, fileSize: 0, layout: .eventsByRow, line: line, lineStart: 0, dialect: dialect)
      throw rows.notANumber(bytes, from: start, at: 0, asDouble: nonFiniteWeightAdvice)
    }
    let rest = startOfWord(bytes, from: end)
    guard rest == bytes.count || bytes[rest] == Byte.hash else {
      throw fault(
        rest, "more than one number in this line instead of one weight per event", "write one number per line")
    }
    values.append(value)
  }
}

/// A word that stands for a missing or an infinite value, and where it ends; nil for any other word.
private func unusableWord(_ bytes: Span<UInt8>, from start: Int) -> (value: Double, end: Int)? {
  let end = endOfWord(bytes, from: start)
  guard end > start else { return nil }
  let word = bytes.extracting(start..<end)
  return (isMissing(word) ? .nan : infinity(word)).map { ($0, end) }
}

/// Whether the only word of a line is a name.
private func isName(_ line: Span<UInt8>, _ dialect: TextDialect) -> Bool {
  guard let header = TextHeader(line, dialect, names: { words, _ in words.nameColumns ? words.map(\.text) : nil })
  else {
    return false
  }
  return header.readings.contains { $0.names.count == 1 }
}
