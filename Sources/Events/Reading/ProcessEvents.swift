import Machine

/// The events of a process.
public struct ProcessEvents: Sendable {
  public var name: String
  /// Its files, in the order of their events.
  public var files: [EventFile]
  /// The events of each file.
  let sources: [EventSource]

  /// The events of all files.
  var events: Int { sources.reduce(0) { $0 + $1.events } }

  init(name: String, files: [EventFile], sources: [EventSource]) {
    self.name = name
    self.files = files
    self.sources = sources
  }

  /// Events that are in memory.
  public init(name: String, files: [EventFile], table: EventTable) {
    self.init(name: name, files: files, sources: [.table(table)])
  }

  /// The weights that stand in files of their own, one file after the other; nil where there are none.
  public func fileWeights() throws(DataError) -> [Double]? {
    var all: [Double] = []
    for source in sources {
      guard let weights = source.fileWeights else { return nil }
      all += try weights.values()
    }
    return all
  }

  /// For messages: the path of a file; the name of the process where its events come from no file.
  func path(ofSource number: Int) -> String { number < files.count ? files[number].path : "process \(name)" }

  /// The events of all files in memory, one file after the other.
  public func table() throws(DataError) -> EventTable {
    var table = try sources[0].table()
    for source in sources.dropFirst() { table.append(try source.table()) }
    return table
  }
}

/// Reads and checks the files of all processes, in order.
///
/// All files must hold the same number of features: as many as the request names, if it names any. Where a text file names
/// its columns, those that the request names are taken, in that order; if it names none, all files that name their
/// columns must name the same ones in the same order. Each process must have an event, and no file may be listed twice,
/// whatever paths or links lead to it. Where weights stand in files of their own, each file has one, with a weight for each event.
///
/// `complete` adds to the request what is needed only from the process of this number.
///
/// Text is read, of arrays the header: their values are read when the events are moved to their places.
public func readProcesses(
  _ processes: [ProcessFiles], directory: String, _ request: EventRequest,
  completing complete: (_ request: inout EventRequest, _ number: Int) -> Void = { _, _ in }
) throws(DataError) -> [ProcessEvents] {
  try checkLists(processes)
  var reader = ProcessReader(request: request)
  var result: [ProcessEvents] = []
  for (number, process) in processes.enumerated() {
    reader.request = request
    complete(&reader.request, number)
    let paths = process.paths(in: directory)
    var (files, sources) = ([EventFile](), [EventSource]())
    let weightPaths = process.weightPaths(in: directory)
    for (index, path) in paths.enumerated() {
      var (source, stamp) = try reader.read(path, of: process.name)
      var file = EventFile(process: process.name, path: path, events: source.events, stamp: stamp)
      if !weightPaths.isEmpty {
        let (weights, stamp) = try reader.readWeights(weightPaths[index], of: process.name, path, events: source.events)
        source.fileWeights = weights
        file.weights = WeightFile(path: weights.path, stamp: stamp)
      }
      files.append(file)
      sources.append(source)
    }
    let events = ProcessEvents(name: process.name, files: files, sources: sources)
    guard events.events > 0 else {
      throw DataError(
        .badData, file: "process \(process.name)", what: "no event in \(paths.joined(separator: ", "))",
        advice: "give it a file with events or take the process out")
    }
    result.append(events)
  }
  return result
}

/// Reads the events of one file, which belong to no process.
public func readEventsAlone(_ path: String, _ request: EventRequest) throws(DataError) -> EventTable {
  try readEventsAlone(path, request) { source throws(DataError) in try source.table() }
}

/// The result of `make` for the events of one file, which belong to no process.
func readEventsAlone(
  _ path: String, _ request: EventRequest, _ make: (EventSource) throws(DataError) -> EventTable
) throws(DataError) -> EventTable {
  var reader = ProcessReader(request: request)
  let (source, stamp) = try reader.read(path, of: "")
  guard source.events > 0 else {
    throw DataError(.badData, file: path, what: "no event in it", advice: "name a file with events")
  }
  let table = try make(source)
  try stamp.requireUnchanged(path)
  return table
}

private func checkLists(_ processes: [ProcessFiles]) throws(DataError) {
  var owners: [String: String] = [:]
  for process in processes {
    guard !process.files.isEmpty else {
      throw DataError(
        .missing, file: "process \(process.name)", what: "no file is listed", advice: "list its event files")
    }
    guard process.weightFiles.isEmpty || process.weightFiles.count == process.files.count else {
      throw DataError(
        .badData, file: "process \(process.name)",
        what: "\(counted(process.weightFiles.count, "weight file")) for \(counted(process.files.count, "file"))",
        advice: "list one in weight_files for each of files, in the same order")
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

/// Reads file after file and checks each against the run file and the previous files.
struct ProcessReader {
  var request: EventRequest
  /// The first file, which the others must agree with.
  private var first: (path: String, features: Int)?
  /// The first file that names its columns.
  private var named: (path: String, names: [String])?
  /// The files that were read, with their paths and processes.
  private var seen: [FileIdentity: (path: String, process: String)] = [:]

  init(request: EventRequest) { self.request = request }

  mutating func read(_ path: String, of process: String) throws(DataError) -> (EventSource, FileStamp) {
    let stamp = try checkFile(path, of: process)
    let source = try openEvents(file: path, request)
    try checkFeatures(source, of: path)
    return (source, stamp)
  }

  /// Refuses events without the features that are wanted, or with others than the files before had.
  mutating func checkFeatures(_ source: EventSource, of path: String) throws(DataError) {
    guard request.takesFeatures else { return }
    if let names = source.columnNames, request.features.isEmpty { try checkNames(names, of: path) }
    try checkCount(source, of: path)
  }

  /// Reads the weights of a file of events.
  mutating func readWeights(
    _ path: String, of process: String, _ file: String, events: Int
  ) throws(DataError) -> (FileWeights, FileStamp) {
    let stamp = try checkFile(path, of: process)
    let weights = try FileWeights(
      path, windowSize: request.windowSize, request.text, allowsUnusable: request.allowsUnusable)
    guard weights.count == events else {
      throw DataError(
        .badData, file: path,
        what: "\(counted(weights.count, "weight")) for the \(counted(events, "event")) of \(file.abridged(to: 1000))",
        advice: "write one number for each event, in the same order")
    }
    return (weights, stamp)
  }

  /// Refuses a file that was read under another name.
  private mutating func checkFile(_ path: String, of process: String) throws(DataError) -> FileStamp {
    let (identity, stamp): (FileIdentity, FileStamp)
    do throws(FileError) {
      let file = try OpenFile(path, .read)
      (identity, stamp) = (try file.identity(), try file.stamp())
    } catch { throw DataError(error) }
    if let other = seen.updateValue((path, process), forKey: identity) {
      throw DataError(
        .badData, file: path,
        what: "the same file as \(other.path)"
          + (other.process == process ? "" : ", which belongs to process \(other.process)"),
        advice: "list each file once")
    }
    return stamp
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

  private mutating func checkCount(_ source: EventSource, of path: String) throws(DataError) {
    let (expected, who) =
      if !request.features.isEmpty {
        (request.features.count, "data.features names")
      } else if let first {
        (first.features, "\(first.path) has")
      } else {
        (source.features, "")
      }
    guard source.features == expected else {
      throw DataError(
        .badData, file: path, what: "\(counted(source.features, "feature")), but \(who) \(expected)",
        advice: source.events == expected && source.columnNames == nil
          ? "its \(counted(source.events, "event")) would fit: try the layout \(request.layout.other.rawValue)"
          : "give all files the same features in the same order")
    }
    if first == nil { first = (path, source.features) }
  }
}
