import Machine

/// What allows values between semicolons, for messages.
let semicolonKey = "data.text: {separator: \";\", decimal: \",\"} (or a decimal \".\")"

/// What can be wrong with the rows of a text file, and where.
extension TextRows {
  /// An error at byte `position` of the file, which lies in the present line.
  func fault(at position: Int, _ what: String, _ advice: String) -> DataError {
    // Numbers and separators are ASCII, so bytes are characters up to the first fault of a line.
    DataError(.badData, file: file, line: line, column: position - lineStart + 1, what: what, advice: advice)
  }

  /// The word that begins at `start` of bytes that begin at `offset` in the file is not a finite float32 number, or with `asDouble`,
  /// which advises on those that are not finite, not a finite float64 number.
  func notANumber(
    _ bytes: Span<UInt8>, from start: Int, at offset: Int, asDouble doubleAdvice: String? = nil
  ) -> DataError {
    let (isDouble, nonFiniteAdvice) = (doubleAdvice != nil, doubleAdvice ?? nonFiniteAdvice)
    var end = start
    while end < bytes.count, !Byte.separates(bytes[end]) { end += 1 }
    let word = bytes.extracting(start..<end)
    for index in word.indices where word[index] < 0x20 || word[index] >= 0x7F {
      let hexadecimal = String(word[index], radix: 16, uppercase: true)
      return fault(
        at: offset + start, "byte 0x\(hexadecimal.count < 2 ? "0" : "")\(hexadecimal) where a number should be",
        "check that this is a text file of numbers")
    }
    let shown = dialect.text(word.extracting(0..<min(40, word.count))) + (word.count > 40 ? "…" : "")
    if isNotFinite(shown) { return fault(at: offset + start, "\(shown) is not finite", nonFiniteAdvice) }
    var endOfNumber = 0
    let isInfinite =
      isDouble
      ? parseDouble(word, from: &endOfNumber).isInfinite : parseFloat(word, from: &endOfNumber).isInfinite
    if isInfinite, isEndOfNumber(word, at: endOfNumber) {
      return fault(
        at: offset + start, "\(shown) is beyond the range of \(isDouble ? "float64" : "float32")", nonFiniteAdvice)
    }
    return fault(
      at: offset + start, "\"\(shown)\" is not a number",
      !dialect.isDefault
        ? "make data.text match the numbers and separators of the file"
        : isForeignNumber(word)
          ? shown.contains(";")
            ? "separate values by commas or blanks, not by semicolons, or set \(semicolonKey)"
            : "write numbers as in 1.5e+02, without an f or 0x"
          : "write decimal numbers separated by blanks or commas")
  }

  /// A comma has no value before it, or none behind it, at byte `position` of the file.
  func missingValue(at position: Int) -> DataError {
    fault(at: position, "a value is missing", "write a value there, and no separator after the last one")
  }

  /// The value at byte `position` of the file is separated from the one before it as others are not.
  func mixedSeparators(at position: Int) -> DataError {
    guard dialect.isDefault else {
      return fault(
        at: position, "no separator (see data.text) before this value",
        "make data.text match the numbers and separators of the file")
    }
    return fault(
      at: position, "both commas and blanks separate values",
      "separate all by commas or all by blanks, and write decimal points, not commas")
  }

  /// A row has `count` values; at byte `position` of the file it is longer or shorter than it must be.
  func raggedRow(of count: Int, at position: Int, expected: String? = nil) -> DataError {
    fault(
      at: position, "this row has \(counted(count, "value")), \(expected ?? "the first had \(columns ?? 0)")",
      "give all rows the same number of values")
  }

  /// The file has neither a value nor a header.
  func noValues() -> DataError {
    DataError(
      .badData, file: file, what: "only blank lines and comments",
      advice: "write its events again, or name another file")
  }
}
