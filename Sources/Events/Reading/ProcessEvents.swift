import Machine

/// The events of a process.
public struct ProcessEvents: Sendable {
  public var name: String
  /// Its files, in the order of their events.
  public var files: [EventFile]
  /// The events of all files, one file after the other.
  public var table: EventTable

  public init(name: String, files: [EventFile], table: EventTable) {
    self.name = name
    self.files = files
    self.table = table
  }
}

/// Reads and checks the files of all processes, in order.
///
/// All files must hold the same number of features: as many as the request names, if it names any. Where a text file names
/// its columns, those that the request names are taken, in that order; if it names none, all files that name their
/// columns must name the same ones in the same order. Each process must have an event, and no file may be listed twice.
public func readProcesses(
  _ processes: [ProcessFiles], directory: String, _ request: EventRequest
) throws(DataError) -> [ProcessEvents] {
  try checkLists(processes)
  var reader = ProcessReader(request: request)
  var result: [ProcessEvents] = []
  for process in processes {
    let paths = process.paths(in: directory)
    var (files, table) = ([EventFile](), EventTable?.none)
    for path in paths {
      let events = try reader.read(path)
      files.append(EventFile(process: process.name, path: path, events: events.events))
      if table == nil { table = events } else { table?.append(events) }
    }
    guard let table, table.events > 0 else {
      throw DataError(
        .badData, file: "process \(process.name)", what: "no event in \(paths.joined(separator: ", "))",
        advice: "give it a file with events or take the process out")
    }
    result.append(ProcessEvents(name: process.name, files: files, table: table))
  }
  return result
}

private func checkLists(_ processes: [ProcessFiles]) throws(DataError) {
  var owners: [String: String] = [:]
  for process in processes {
    guard !process.files.isEmpty else {
      throw DataError(
        .missing, file: "process \(process.name)", what: "no file is listed", advice: "list its event files")
    }
    for file in process.files {
      guard let owner = owners.updateValue(process.name, forKey: file) else { continue }
      throw DataError(
        .badData, file: file,
        what: owner == process.name
          ? "listed twice for process \(owner)" : "listed for processes \(owner) and \(process.name)",
        advice: "list each file once")
    }
  }
}

/// Reads file after file and holds each to what the run file and the files before it say.
private struct ProcessReader {
  let request: EventRequest
  /// The first file, which the others must agree with.
  private var first: (path: String, features: Int)?
  /// The first file that names its columns.
  private var named: (path: String, names: [String])?

  init(request: EventRequest) { self.request = request }

  mutating func read(_ path: String) throws(DataError) -> EventTable {
    var table = try readEvents(file: path, request)
    if let names = table.columnNames {
      if request.features.isEmpty {
        try checkNames(names, of: path)
      } else {
        table = table.selecting(
          try columnNumbers(of: request.features, among: names, key: "data.features", in: path))
      }
    }
    try checkCount(table, of: path)
    return table
  }

  /// Without a list of features the headers alone say which column is which.
  private mutating func checkNames(_ names: [String], of path: String) throws(DataError) {
    let advice = "name in data.features the columns to take"
    if let column = names.firstIndex(of: "") {
      throw DataError(.badData, file: path, what: "column \(column + 1) has no name in the header", advice: advice)
    }
    if let named, let column = zip(names, named.names).first(where: { $0 != $1 }) {
      throw DataError(
        .badData, file: path,
        what: "the header names \(column.0.abridged()) where that of \(named.path) names \(column.1.abridged())",
        advice: advice)
    }
    if named == nil { named = (path, names) }
  }

  private mutating func checkCount(_ table: EventTable, of path: String) throws(DataError) {
    let (expected, source) =
      if !request.features.isEmpty {
        (request.features.count, "data.features names")
      } else if let first {
        (first.features, "\(first.path) has")
      } else {
        (table.features, "")
      }
    guard table.features == expected else {
      throw DataError(
        .badData, file: path, what: "\(counted(table.features, "feature")), where \(source) \(expected)",
        advice: table.events == expected
          ? "its \(counted(table.events, "event")) would fit: try `layout: \(request.layout.other.rawValue)`"
          : "give all files the same features in the same order")
    }
    if first == nil { first = (path, table.features) }
  }
}

/// The columns of the file at `path` that hold what `key` names, by the names in its header.
func columnNumbers(
  of wanted: [String], among names: [String], key: String, in path: String
) throws(DataError) -> [Int] {
  var columns: [Int] = []
  for name in wanted {
    let found = names.indices.filter { names[$0] == name }
    guard let column = found.first, found.count == 1 else {
      let shown = (names.prefix(50).joined(separator: ", ") + (names.count > 50 ? ", …" : "")).abridged(to: 400)
      throw DataError(
        .badData, file: path,
        what: "the header names \(found.isEmpty ? "no column" : "\(found.count) columns") \(name)",
        advice: "write \(key) and the header alike, each name once; the header names \(shown)")
    }
    columns.append(column)
  }
  return columns
}
