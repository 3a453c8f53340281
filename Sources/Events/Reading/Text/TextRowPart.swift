import Machine

/// Some values of a row of a text file that is a column of the events: what a piece of the row holds.
struct TextRowPart: Sendable {
  /// The number of values, wanted or not.
  private(set) var count = 0
  /// Whether a separator follows the last of them.
  private(set) var endsInSeparator = false
  /// The values, if the row is a feature.
  private(set) var features: [Float] = []
  /// What else it is wanted for.
  private(set) var columns: EventColumns
  /// What is wrong first; the values before it are there.
  private(set) var fault: TextCellFault?

  /// Reads the values in `range`, which ends behind a separator or at the end of the row's values, of row number `number`; −1 for one that
  /// nobody wants. With `expectsValue` an empty range is an empty value.
  init(_ bytes: Span<UInt8>, in range: Range<Int>, _ row: TextRow, _ number: Int, expectsValue: Bool = false) {
    columns = row.noColumns
    guard !range.isEmpty || expectsValue else { return }
    let use = number < 0 ? TextRow.Use() : row.uses[number]
    var reader = TextCellReader(position: range.lowerBound, end: range.upperBound, row: row)
    // A value takes two bytes, with what follows it; one that is missing may take one.
    switch (use.feature >= 0, use.number >= 0) {
    case (true, false) where !use.hasMore:
      features = unsafe Self.values(range.count / 2 + 1) { values in
        unsafe reader.readRun(bytes, into: values, expectsValue: expectsValue) { reader, bytes in
          reader.readNumber(bytes)
        }
      }
      count = features.count
    case (false, true) where !use.hasMore:
      columns.numbers[use.number] = unsafe Self.values(range.count + 1) { values in
        unsafe reader.readRun(bytes, into: values, expectsValue: expectsValue) { reader, bytes in
          reader.readDouble(bytes, use.number)
        }
      }
      count = columns.numbers[use.number].count
    default:
      count = reader.readAll(
        bytes, number, use, &features, &columns.numbers, expectsValue: expectsValue)
      (columns.identities, columns.categories) = (reader.columns.identities, reader.columns.categories)
    }
    endsInSeparator = reader.endsInSeparator
    fault = reader.fault
  }

  private static func values<Value>(
    _ capacity: Int, _ read: (UnsafeMutableBufferPointer<Value>) -> Int
  ) -> [Value] {
    unsafe [Value](unsafeUninitializedCapacity: capacity) { values, count in count = unsafe read(values) }
  }

  /// Where value number `index` begins.
  func start(ofValue index: Int, _ bytes: Span<UInt8>, in range: Range<Int>, _ separator: TextSeparator) -> Int {
    var position = range.lowerBound
    func skipPadding() {
      while position < range.upperBound, separator.isPadding(bytes[position]) { position += 1 }
    }
    skipPadding()
    for _ in 0..<index {
      position = min(separator.endOfCell(bytes, from: position) + (separator == .blanks ? 0 : 1), range.upperBound)
      skipPadding()
    }
    return position
  }
}

/// A number that can be read without looking for the end of the bytes at each digit.
protocol PlainNumber: BitwiseCopyable, Sendable {
  static func plain(at start: UnsafePointer<UInt8>) -> (value: Self, end: UnsafePointer<UInt8>)?
}

extension Float: PlainNumber {
  @inline(__always)
  static func plain(at start: UnsafePointer<UInt8>) -> (value: Float, end: UnsafePointer<UInt8>)? {
    unsafe plainNumber(at: start)
  }
}

extension Double: PlainNumber {
  @inline(__always)
  static func plain(at start: UnsafePointer<UInt8>) -> (value: Double, end: UnsafePointer<UInt8>)? {
    unsafe plainDouble(at: start)
  }
}

// The values of a row that is a column of the events.
extension TextCellReader {
  /// Reads all values up to the end, each by `readCarefully` if it is not plain. Returns how many there are before a fault.
  mutating func readRun<Value: PlainNumber>(
    _ bytes: Span<UInt8>, into values: UnsafeMutableBufferPointer<Value>, expectsValue: Bool,
    _ readCarefully: (inout TextCellReader, Span<UInt8>) -> Value
  ) -> Int {
    var count = 0
    let (separator, isBlanks) = (row.separator.byte ?? Byte.space, row.separator == .blanks)
    repeat {
      // SAFETY: below the limit, `plainNumberReach` bytes are there to be looked at, and no more values are written than have room.
      unsafe bytes.withUnsafeBufferPointer { bytes in
        guard let first = bytes.baseAddress else { return }
        let limit = min(end, bytes.count - plainNumberReach)
        var index = position
        while index < limit, count < values.count {
          if unsafe row.separator.isPadding(first[index]) {
            index += 1
            continue
          }
          guard let number = unsafe Value.plain(at: first + index) else { break }
          let next = unsafe number.end[0]
          guard next == separator || isBlanks && next == Byte.tab else { break }
          let behind = unsafe number.end - first + 1
          guard behind <= end else { break }
          index = behind
          unsafe values[count] = number.value
          count += 1
          endsInSeparator = true
        }
        position = index
      }
      skipBlanks(bytes)
      guard position < end || expectsValue, count < values.count else { break }
      let value = readCarefully(&self, bytes)
      guard fault == nil else { break }
      unsafe values[count] = value
      count += 1
      guard readSeparator(bytes) else { break }
    } while position < end
    return count
  }

  /// Reads all values up to the end for all that row number `number` is wanted for.
  mutating func readAll(
    _ bytes: Span<UInt8>, _ number: Int, _ use: TextRow.Use, _ features: inout [Float], _ numbers: inout [[Double]],
    expectsValue: Bool
  ) -> Int {
    var count = 0
    repeat {
      skipBlanks(bytes)
      guard position < end || expectsValue else { break }
      let start = position
      if use.isWanted {
        if use.feature >= 0 { features.append(readNumber(bytes)) }
        if use.number >= 0, fault == nil {
          position = start
          numbers[use.number].append(readDouble(bytes, use.number))
        }
        if use.hasMore { readMore(bytes, ofColumn: number, from: start) }
      } else {
        skipCell(bytes)
      }
      guard fault == nil else { break }
      count += 1
      guard readSeparator(bytes) else { break }
    } while position < end
    return count
  }

  /// Moves over what separates a value from the next, with blanks. False at the end, or after a fault.
  private mutating func readSeparator(_ bytes: Span<UInt8>) -> Bool {
    endsInSeparator = false
    let afterValue = position
    skipBlanks(bytes)
    guard position < end else { return false }
    if let separator = row.separator.byte {
      guard bytes[position] == separator else { return fail(.mixedSeparators) }
      position += 1
    } else {
      if bytes[position] == Byte.comma { return fail(.mixedSeparators) }
      if position == afterValue { return fail(.notANumber) }
    }
    endsInSeparator = true
    skipBlanks(bytes)
    return position < end
  }
}
