import Events
import Formats
import Machine

extension FuzzReader {
  /// Text gives the same however it is cut into windows and pieces; its values are those that the standard library reads
  /// word by word; and written again they are read again.
  func checkText(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    let path = try folder.write("events", bytes)
    var accepted = false
    for layout in FileLayout.allCases {
      let whole = try outcome(path, layout, windowSize: 1 << 20)
      for (windowSize, pieceSize) in [(1 << 20, 256), (1 << 20, 40), (300, 90), (64, 1 << 19)] {
        if isLongerThan(windowSize, bytes) { continue }
        let found = try outcome(path, layout, windowSize: windowSize, pieceSize: pieceSize)
        try require(
          found.isLimit(of: windowSize) || found == whole,
          "\(layout), window \(windowSize), pieces of \(pieceSize): \(found) instead of \(whole)")
      }
      guard case .table(let table) = whole else { continue }
      accepted = true
      if bytes.first != 0x93 { try requireSameWords(table, bytes, layout) }
      if let name = table.columnNames?.first {
        let integers = try outcome(path, layout, identity: [name], windowSize: 1 << 20)
        for windowSize in [300, 64] {
          if isLongerThan(windowSize, bytes) { continue }
          let found = try outcome(path, layout, identity: [name], windowSize: windowSize)
          try require(
            found.isLimit(of: windowSize) || found == integers,
            "integers of \(name), window \(windowSize): \(found) instead of \(integers)")
        }
      }
      if let name = table.columnNames?.first { try requireSameColumns(name, table, path, layout, bytes) }
      try requireSameByName(table, path, layout, bytes)
      try requireSameAgain(table, in: folder)
      // Looks for columns by their names, where there is a header.
      do {
        let processes = [ProcessFiles(name: "file", files: [path])]
        _ = try readProcesses(processes, directory: "", EventRequest(layout: layout, features: ["pt", "eta"]))
        _ = try readProcesses(processes, directory: "", EventRequest(layout: layout))
      } catch {
        try requireOneLine(error.description)
      }
    }
    try requireSameUnpacked(bytes, in: folder)
    if try checkDialects(bytes, path, in: folder) { accepted = true }
    try requireSameWeights(path, windowSizes: [300, 64].filter { !isLongerThan($0, bytes) })
    return accepted
  }

  /// An array gives the same whatever the window, and written again it is read again.
  func checkNpy(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    let path = try folder.write("events.npy", bytes)
    var accepted = false
    for layout in FileLayout.allCases {
      let whole = try outcome(path, layout, windowSize: 1 << 20)
      for windowSize in [150, 1000] {
        let found = try outcome(path, layout, windowSize: windowSize)
        try require(
          found.isLimit(of: windowSize) || found == whole,
          "\(layout), window \(windowSize): \(found) instead of \(whole)")
      }
      // By the names of fields, among others that hold anything.
      var named = EventRequest.ofSeeds(layout)
      let columns = try outcome(path, named)
      if case .table = columns { accepted = true }
      named.windowSize = 1000
      let again = try outcome(path, named)
      try require(again.isLimit(of: 1000) || again == columns, "named columns: \(again) instead of \(columns)")
      guard case .table(let table) = whole else { continue }
      accepted = true
      try requireSameAgain(table, in: folder)
    }
    try requireSameUnpacked(bytes, in: folder)
    try requireSameArchived(bytes, in: folder)
    try requireSameWeights(path, windowSizes: [150, 1000])
    return accepted
  }
}

extension EventRequest {
  /// The columns that seeds name, beside others that may hold anything.
  static func ofSeeds(_ layout: FileLayout) -> EventRequest {
    var request = EventRequest(layout: layout, features: ["pt"], identity: ["event"], numbers: ["w"])
    request.categories = [CategoryColumn(column: "Label", key: "data.label", values: [["s", "1"], ["b", "0"]])]
    return request
  }
}

/// Weights are finite, and the same whatever the window; all faults are of the kind that they must be.
func requireSameWeights(_ path: String, windowSizes: [Int]) throws(Violation) {
  func read(_ windowSize: Int) throws(Violation) -> (weights: [UInt64], error: DataError?) {
    do {
      let weights = try readWeights(file: path, windowSize: windowSize)
      try require(weights.allSatisfy(\.isFinite), "weights that are not finite")
      return (weights.map(\.bitPattern), nil)
    } catch let error as DataError {
      try require(error.exitCode == .badData, "\(error) has exit code \(error.exitCode)")
      try requireOneLine(error.description)
      return ([], error)
    } catch let violation as Violation { throw violation } catch { throw Violation("\(error)") }
  }
  let whole = try read(1 << 20)
  for windowSize in windowSizes {
    let found = try read(windowSize)
    try require(
      found.error.map { Outcome.error($0).isLimit(of: windowSize) } ?? false || found == whole,
      "weights, window \(windowSize): \(found) instead of \(whole)")
  }
}

/// A feature column as a number and as a category is the same in windows and pieces of any size; the number, rounded to float32,
/// is the feature or its neighbour.
func requireSameColumns(
  _ name: String, _ table: EventTable, _ path: String, _ layout: FileLayout, _ bytes: [UInt8],
  _ dialect: TextDialect = TextDialect()
) throws(Violation) {
  var request = EventRequest(layout: layout, features: [name], numbers: [NumberColumn(name)], windowSize: 1 << 20)
  request.text = dialect
  let numbers = try outcome(path, request)
  if case .table(let found) = numbers, table.columnNames?.filter({ $0 == name }).count == 1 {
    for (value, number) in zip(found.values, found.numbers[0]) {
      let rounded = Float(number)
      try require(
        [rounded, rounded.nextUp, rounded.nextDown].contains(value), "the feature \(value) is the number \(number)")
    }
  }
  request.categories = [CategoryColumn(column: name, key: "data.label", values: [["s", "1"], ["b", "0", "2.5"]])]
  let categories = try outcome(path, request)
  for (windowSize, pieceSize) in [(1 << 20, 40), (300, 90), (64, 1 << 19)] {
    if isLongerThan(windowSize, bytes) { continue }
    (request.windowSize, request.pieceSize) = (windowSize, pieceSize)
    let found = try outcome(path, request)
    try require(
      found.isLimit(of: windowSize) || found == categories,
      "categories of \(name), window \(windowSize): \(found) instead of \(categories)")
  }
}

/// Where a file names no columns, they are found by names that the request gives them: in another order, also in double precision, and
/// without features.
private func requireSameByName(
  _ table: EventTable, _ path: String, _ layout: FileLayout, _ bytes: [UInt8]
) throws(Violation) {
  // Between tabs there may be nothing, integers may name columns, and a `#` right behind a value belongs to it where columns with names
  // may hold text: what follows it may be values too many.
  let marks = bytes.indices.filter { bytes[$0] == UInt8(ascii: "#") }
  let isMarkInWord = marks.contains { $0 > 0 && !" \n\r\t\u{0B}\u{0C},#".utf8.contains(bytes[$0 - 1]) }
  guard table.columnNames == nil, table.features < 64, !bytes.contains(UInt8(ascii: "\t")), !isMarkInWord,
    table.values.first != 0
  else { return }
  var request = EventRequest(layout: layout)
  request.columns = (0..<table.features).map { "column \($0)" }
  request.features = request.columns.reversed()
  request.numbers = request.columns.map { NumberColumn($0, key: "data.derived", allowsNaN: true) }
  (request.windowSize, request.pieceSize) = (1 << 20, 100)
  guard case .table(let found) = try outcome(path, request) else {
    throw Violation("\(table.features) features are not found by names: \(try outcome(path, request))")
  }
  request.takesFeatures = false
  let without = try outcome(path, request)
  guard case .table(let numbers) = without else { throw Violation("without features: \(without)") }
  try require(
    numbers.features == 0 && numbers.values.isEmpty && numbers.numbers == found.numbers
      && numbers.events == table.events,
    "without features: \(without)")
  for event in 0..<table.events {
    for feature in 0..<table.features {
      let value = table.values[event * table.features + feature]
      let other = found.values[event * table.features + table.features - 1 - feature]
      let rounded = Float(found.numbers[feature][event])
      try require(
        value.bitPattern == other.bitPattern && [rounded, rounded.nextUp, rounded.nextDown].contains(value),
        "\(value) is found by name as \(other) and \(rounded)")
    }
  }
}

/// Whether a row may be longer than a window, by its line or by quotation marks: whether a comment or integers name the columns
/// is not asked of such a first row.
func isLongerThan(_ windowSize: Int, _ bytes: [UInt8]) -> Bool {
  // With its line end.
  let lines = bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
  return lines.contains { $0.count + 1 >= windowSize } || windowSize < bytes.count && bytes.contains(UInt8(ascii: "\""))
}

/// The values are what the standard library makes of the words of the text, line by line.
private func requireSameWords(_ table: EventTable, _ bytes: [UInt8], _ layout: FileLayout) throws(Violation) {
  let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
  var rows: [[Float]] = []
  // Names may stand in a comment, or in the first line that is none.
  var mayBeHeader = table.columnNames != nil
  for line in content.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
    let words = line.prefix { $0 != UInt8(ascii: "#") }.split { ", \t\u{0B}\u{0C}".utf8.contains($0) }
    if words.isEmpty { continue }
    var row: [Float] = []
    for word in words {
      let mark = UInt8(ascii: "\"")
      let isQuoted = word.count > 1 && word.first == mark && word.last == mark
      // The standard library does not know the exponents of Fortran.
      let exponents = (isQuoted ? word.dropFirst().dropLast() : word).map {
        $0 | 0x20 == UInt8(ascii: "d") ? UInt8(ascii: "e") : $0
      }
      let word = String(decoding: exponents, as: UTF8.self)
      guard let value = Float(word) else {
        if mayBeHeader { break }
        throw Violation("\(word) was accepted")
      }
      row.append(value)
    }
    let isHeader = mayBeHeader && row.count < words.count
    if !isHeader { rows.append(row) }
    mayBeHeader = false
  }
  // Integers may name the columns.
  if table.columnNames != nil, rows.count == table.events + 1 { rows.removeFirst() }
  let byEvent = layout == .eventsByRow || table.columnNames != nil
  try require(
    (byEvent ? table.events : table.features) == rows.count, "\(rows.count) rows in \(Outcome.table(table)), \(layout)")
  for (row, values) in rows.enumerated() {
    try require(
      values.count == (byEvent ? table.features : table.events),
      "row \(row) has \(values.count) values in \(Outcome.table(table)), \(layout)")
    for (column, value) in values.enumerated() {
      let found = table.values[byEvent ? row * table.features + column : column * table.features + row]
      try require(found.bitPattern == value.bitPattern, "\(value) was read as \(found)")
    }
  }
}

/// The table, written as text, as `.npy` and as columns of a `.npz`, is read again.
func requireSameAgain(_ table: EventTable, in folder: FuzzFolder) throws {
  let plain = Outcome.table(EventTable(features: table.features, values: table.values))
  func npy(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    npyHeader(shape: shape, descr: "<f4") + values.flatMap { littleEndian(Int($0.bitPattern), 4) }
  }
  let array = npy([table.events, table.features], table.values)
  let found = try outcome(try folder.write("again.npy", array), .eventsByRow, windowSize: 1 << 20)
  try require(found == plain, "\(plain) was written as .npy and read as \(found)")
  if (2..<20).contains(table.features) {
    let members = (0..<table.features).map { feature in
      let values = (0..<table.events).map { table.values[$0 * table.features + feature] }
      return (name: "\(feature).npy", bytes: npy([table.events], values))
    }
    let archive = try folder.write("again.npz", zip(members, ZipForm(isDeflated: table.events % 2 == 0)))
    guard case .table(let columns) = try outcome(archive, .eventsByRow, windowSize: 1000),
      Outcome.table(EventTable(features: columns.features, values: columns.values)) == plain
    else {
      throw Violation(
        "\(plain) was written as .npz and read as \(try outcome(archive, .eventsByRow, windowSize: 1000))")
    }
  }
  guard table.events > 0 else { return }
  let text = (0..<table.events).map { event in
    table.values[event * table.features..<(event + 1) * table.features].map { "\($0)" }.joined(separator: ",")
  }.joined(separator: "\n")
  let foundText = try outcome(try folder.write("again", Array(text.utf8)), .eventsByRow, windowSize: 1 << 20)
  try require(foundText == plain, "\(plain) was written as text and read as \(foundText)")
}
