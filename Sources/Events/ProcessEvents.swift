/// A process and the files that hold its events.
public struct ProcessFiles: Sendable, Equatable {
  /// The name of the process.
  public var name: String
  /// The paths of its files, relative to the directory of the data unless they begin with `/`.
  public var files: [String]

  /// A process with these files.
  public init(name: String, files: [String]) {
    self.name = name
    self.files = files
  }
}

/// The events of a process.
public struct ProcessEvents: Sendable {
  /// A file and the number of events that it holds.
  public struct File: Sendable, Equatable {
    /// The path that was read.
    public var path: String
    /// The number of events in it.
    public var events: Int

    /// A file that holds this many events.
    public init(path: String, events: Int) {
      self.path = path
      self.events = events
    }
  }

  /// The name of the process.
  public var name: String
  /// Its files, in the order of their events.
  public var files: [File]
  /// The events of all files, one file after the other.
  public var table: EventTable

  /// A process with the events of these files.
  public init(name: String, files: [File], table: EventTable) {
    self.name = name
    self.files = files
    self.table = table
  }
}

/// Reads and checks the files of all processes, in order.
///
/// All files must hold the same number of features: as many as `features` names, if it names any. Where a text file names its
/// columns, those that `features` names are taken, in that order; without `features` all files that name their
/// columns must name the same ones in the same order. Each process must have an event, and no file may be listed twice.
public func readProcesses(
  _ processes: [ProcessFiles], directory: String, features: [String], layout: FileLayout
) throws(DataError) -> [ProcessEvents] {
  try checkLists(processes)
  var reader = ProcessReader(features: features, layout: layout)
  var result: [ProcessEvents] = []
  for process in processes {
    let paths = process.paths(in: directory)
    var (files, table) = ([ProcessEvents.File](), EventTable?.none)
    for path in paths {
      let events = try reader.read(path)
      files.append(ProcessEvents.File(path: path, events: events.events))
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
  let features: [String]
  let layout: FileLayout
  /// The first file, which the others must agree with.
  private var first: (path: String, features: Int)?
  /// The first file that names its columns.
  private var named: (path: String, names: [String])?

  init(features: [String], layout: FileLayout) {
    self.features = features
    self.layout = layout
  }

  mutating func read(_ path: String) throws(DataError) -> EventTable {
    var table = try readEvents(file: path, layout: layout)
    if let names = table.columnNames {
      if features.isEmpty {
        try checkNames(names, of: path)
      } else {
        table = table.selecting(try columns(of: features, among: names, of: path))
      }
    }
    try checkCount(table, of: path)
    return table
  }

  /// The columns that hold `features`.
  private func columns(of features: [String], among names: [String], of path: String) throws(DataError) -> [Int] {
    var columns: [Int] = []
    for feature in features {
      let found = names.indices.filter { names[$0] == feature }
      guard let column = found.first, found.count == 1 else {
        let shown = abridged(
          names.prefix(50).joined(separator: ", ") + (names.count > 50 ? ", …" : ""), to: 400)
        throw DataError(
          .badData, file: path,
          what: "the header names \(found.isEmpty ? "no column" : "\(found.count) columns") \(feature)",
          advice: "write data.features and the header alike, each name once; the header names \(shown)")
      }
      columns.append(column)
    }
    return columns
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
        what: "the header names \(abridged(column.0)) where that of \(named.path) names \(abridged(column.1))",
        advice: advice)
    }
    if named == nil { named = (path, names) }
  }

  private mutating func checkCount(_ table: EventTable, of path: String) throws(DataError) {
    let (expected, source) =
      if !features.isEmpty {
        (features.count, "data.features names")
      } else if let first {
        (first.features, "\(first.path) has")
      } else {
        (table.features, "")
      }
    guard table.features == expected else {
      throw DataError(
        .badData, file: path, what: "\(counted(table.features, "feature")), where \(source) \(expected)",
        advice: table.events == expected
          ? "its \(counted(table.events, "event")) would fit: try `layout: \(layout.other.rawValue)`"
          : "give all files the same features in the same order")
    }
    if first == nil { first = (path, table.features) }
  }
}

extension ProcessFiles {
  /// The files as seen from the directory of the data.
  public func paths(in directory: String) -> [String] {
    files.map { path in
      if path.hasPrefix("/") || directory.isEmpty || directory == "." { return path }
      return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }
  }
}
