import Machine

/// What a text file begins with, before its rows: comments, blank lines, and perhaps the names of the columns.
///
/// A line names the columns if it is the first one that is neither blank nor a comment, and
///
/// - has names: words with a letter in them, or in quotation marks;
/// - or has all the names that are wanted, whatever they look like;
/// - or has the integers 0 … n−1, n ≥ 2, as pandas writes columns without names, with or without its index before them: they
///   stand for the features in their order, if there are as many of these.
///
/// So does a comment before the rows, as `numpy.savetxt(header=…)` writes it, that has as many names as the rows have columns:
/// the first line of the file, or a later one that has all the names that are wanted. In all these files a row is an event.
///
/// Where the run file names the columns, a first line of words may also be a row: see ``isRow(_:)``.
struct TextHead {
  /// The line that names the columns, if there is one.
  private(set) var header: TextHeader?
  /// Whether that is a comment.
  private(set) var isComment = false
  /// The first line of the rows, from 1, and where in the file it begins.
  private(set) var line = 1
  private(set) var lineStart = 0

  private let request: EventRequest
  private let path: String
  private let wanted: [String]

  /// A comment before the rows.
  private struct Comment {
    let line: Int
    let text: [UInt8]
  }
  private var comments: [Comment] = []
  /// More lines than a header has.
  private static let mostComments = 1000

  /// Reads the head of the file that the window shows from its beginning, and moves the window to the rows.
  init(_ window: inout FileWindow, _ request: EventRequest) throws(DataError) {
    self.request = request
    path = window.path
    wanted = request.wantedColumns
    var position = startOfText(window.buffer.span.extracting(0..<window.count), at: 0)
    lineStart = position
    var isInComment = false
    while true {
      let end = endOfLine(window.buffer.span.extracting(0..<window.count), from: position)
      // A carriage return at the very end may have its newline behind the window.
      let isCut =
        !window.atEnd && end + (end < window.count && window.buffer[end] == Byte.carriageReturn ? 1 : 0) == window.count
      if isCut, position > 0 || isInComment && end > 0 {
        try window.advance(by: isInComment ? end : position)
        position = 0
        continue
      }
      let bytes = window.buffer.span.extracting(0..<window.count)
      let start = startOfWord(bytes, from: position)
      if start < end, !isInComment, bytes[start] != Byte.hash {
        try readFirstRow(bytes, from: position, to: end, isWhole: !isCut)
        if header != nil, !isComment { position = skipLine(bytes, end, window.offset) }
        break
      }
      if isCut {
        // A comment that is longer than the window.
        isInComment = start < end
        guard isInComment else { break }
        continue
      }
      if start < end, !isInComment, comments.count < Self.mostComments {
        comments.append(Comment(line: line, text: (start..<end).map { bytes[$0] }))
      }
      isInComment = false
      position = skipLine(bytes, end, window.offset)
      if position == bytes.count, window.atEnd { break }
    }
    try window.advance(by: position)
    if header != nil { try skipBlankLines(&window) }
  }

  /// Moves the window to the first line with anything in it: then the first row is in view, if it fits. A tab may be a separator.
  private mutating func skipBlankLines(_ window: inout FileWindow) throws(DataError) {
    var position = 0
    while true {
      var end = position
      while end < window.count, Byte.isBlank(window.buffer[end]), window.buffer[end] != Byte.tab { end += 1 }
      let isAtLineEnd = end < window.count && Byte.endsLine(window.buffer[end])
      // A carriage return at the very end may have its newline behind the window.
      if !window.atEnd, end == window.count || isAtLineEnd && end + 1 == window.count {
        guard position > 0 else { return }
        try window.advance(by: position)
        position = 0
        continue
      }
      guard isAtLineEnd else { break }
      position = skipLine(window.buffer.span.extracting(0..<window.count), end, window.offset)
    }
    try window.advance(by: position)
  }

  private mutating func skipLine(_ bytes: Span<UInt8>, _ end: Int, _ offset: Int) -> Int {
    guard end < bytes.count else { return end }
    let next = startOfNextLine(bytes, from: end)
    line += 1
    lineStart = offset + next
    return next
  }

  /// Looks at the first line that is neither blank nor a comment: bytes `start` to `end`.
  private mutating func readFirstRow(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, isWhole: Bool
  ) throws(DataError) {
    let text = bytes.extracting(start..<end)
    let first = startOfWord(text, from: 0)
    let isNumber = text[first] != Byte.comma && (isNumber(text, at: first) || areQuotedNumbers(text))
    guard isWhole else {
      guard isNumber || !request.columns.isEmpty else {
        throw rows.fault(
          at: lineStart + first, "a word or header of more than \(bytes.count) bytes", "check that this is a text file")
      }
      return
    }
    let (wanted, request) = (wanted, request)
    guard isNumber else {
      for index in text.indices where text[index] < 0x20 && !Byte.isBlank(text[index]) {
        throw rows.notANumber(text, from: index, at: lineStart)
      }
      header = TextHeader(text, request.text) { words, separator in
        words.numbered(request, separator)
          ?? (words.name(wanted) || words.nameColumns && !isRow(words) ? words.map(\.text) : nil)
      }
      // If it is not a row either, the reader of rows reports it.
      guard header == nil, request.columns.isEmpty else { return }
      if text[first] == Byte.comma { throw rows.missingValue(at: lineStart + first) }
      let quotes = text.indices.filter { text[$0] == Byte.quote }
      if quotes.count % 2 == 1, let open = quotes.last {
        throw rows.fault(
          at: lineStart + open, "a quotation mark that is not closed on its line", "close it, or remove it")
      }
      throw rows.notANumber(text, from: first, at: lineStart)
    }
    for comment in comments where header == nil {
      header = readHeader(comment, of: bytes, from: start) { $0.name(wanted) ? $0.map(\.text) : nil }
    }
    if header == nil { header = firstLineHeader(of: bytes, from: start) }
    isComment = header != nil
    if header == nil {
      header = TextHeader(text, request.text) { words, separator in
        words.name(wanted) ? words.map(\.text) : words.numbered(request, separator)
      }
    }
    if header == nil { try requireSameOrder() }
  }

  /// Whether words that may be names are values where the run file names the columns: missing ones, or those of a row that is neither a
  /// feature nor a number.
  private func isRow(_ words: [HeaderWord]) -> Bool {
    guard let first = request.columns.first else { return false }
    if words.allSatisfy({ isMissing(Array($0.text.utf8).span) }) { return true }
    let isNumber =
      request.takesFeatures && request.features.contains(first) || request.identity.contains(first)
      || request.numbers.contains { $0.name == first }
    return request.layout == .featuresByRow && !isNumber && Set(words.map(\.text)).isDisjoint(with: request.columns)
  }

  /// The header in a comment that has as many names as the row at `start` has values.
  private func readHeader(
    _ comment: Comment, of bytes: Span<UInt8>, from start: Int, _ names: ([HeaderWord]) -> [String]?
  ) -> TextHeader? {
    // `savetxt` adds a `#` to text that may already have one.
    let text = comment.text.drop { $0 == Byte.hash || Byte.isBlank($0) }
    return TextHeader(Array(text).span, request.text) { words, _ in names(words) }.flatMap {
      $0.columns(of: bytes, from: start) == nil ? nil : $0
    }
  }

  /// The header in the first line of the file, which need not have the names that are wanted: then it is an error not to have them.
  private func firstLineHeader(of bytes: Span<UInt8>, from start: Int) -> TextHeader? {
    guard request.layout == .eventsByRow, let first = comments.first, first.line == 1 else { return nil }
    return readHeader(first, of: bytes, from: start) { $0.nameColumns ? $0.map(\.text) : nil }
  }

  /// Refuses a comment that names all features, or columns, in another order than the run file, if the columns have no names that can
  /// be read.
  private func requireSameOrder() throws(DataError) {
    let (names, key) =
      request.columns.isEmpty
      ? (request.features, EventRequest.featuresKey) : (request.columns, EventRequest.columnsKey)
    guard names.count > 1 else { return }
    for comment in comments {
      let words = request.text.original(comment.text).split { " \t,;|:=#\"'()[]{}".utf8.contains($0) }.map {
        String(decoding: $0, as: UTF8.self)
      }
      let places = names.compactMap { words.firstIndex(of: $0) }
      guard places.count == names.count, places != places.sorted() else { continue }
      let named = places.sorted().map { words[$0] }.joined(separator: ",").abridged(to: 200)
      throw DataError(
        .badData, file: path, line: comment.line,
        what:
          "this comment names the \(request.columns.isEmpty ? "features" : "columns") in another order than \(key): \(named)",
        advice: "list exactly the column names in it, or remove it")
    }
  }

  /// For its faults.
  private var rows: TextRows {
    TextRows(
      file: path, fileSize: 0, layout: .eventsByRow, line: line, lineStart: lineStart,
      dialect: request.text)
  }
}
