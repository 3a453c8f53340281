import Machine

/// A format of event files.
struct EventReader: Sendable {
  /// Whether the file that a window shows from its beginning is to be read, or refused, by this reader.
  var recognises: @Sendable (borrowing FileWindow) -> Bool
  /// Reads the file that a window shows from its beginning.
  var read: @Sendable (inout FileWindow, EventRequest) throws(DataError) -> EventSource
  /// Refuses a file by its beginning, if `read` would read all of it; nil: `read` reads no more than that.
  var checkHead: (@Sendable (inout FileWindow, EventRequest) throws(DataError) -> Void)?

  init(
    recognises: @escaping @Sendable (borrowing FileWindow) -> Bool,
    checkHead: (@Sendable (inout FileWindow, EventRequest) throws(DataError) -> Void)? = nil,
    read: @escaping @Sendable (inout FileWindow, EventRequest) throws(DataError) -> EventSource
  ) {
    self.recognises = recognises
    self.checkHead = checkHead
    self.read = read
  }

  /// The readers; the first that recognises a file reads it. A new one is one file and one line here.
  static let all: [EventReader] = [.npy, .npz, .misnamedNpy] + foreign + [.text]
}

/// Reads the events of one file: text (`numpy.savetxt`, CSV), `.npy` or `.npz`, told apart by what it begins with; in a gzip file, too.
///
/// Values are rounded to the nearest float32; those that are not finite float32 numbers are refused. Of several
/// faults the one that comes first in the file is reported. A file is read with all CPUs that the process may
/// use. It needs memory for its values and a window with the values in it, in the layout `featuresByRow` for its
/// values twice.
public func readEvents(file: String, _ request: EventRequest) throws(DataError) -> EventTable {
  try openEvents(file: file, request).table()
}

/// Opens the events of one file: text is read, of an array the header.
func openEvents(file: String, _ request: EventRequest) throws(DataError) -> EventSource {
  var window = try FileWindow.open(file, capacity: request.windowSize)
  let reader = try EventReader.reader(of: window)
  let source = try reader.read(&window, request)
  precondition(
    source.columnCounts == (request.identity.count, request.numbers.count, request.categories.count),
    "a reader that neither reads nor refuses columns that are wanted by name")
  return source
}

/// Refuses a file of events that its beginning says cannot be read: one of another format, or without a column that is wanted.
func checkHead(file: String, _ request: EventRequest) throws(DataError) {
  var window = try FileWindow.open(file, capacity: min(request.windowSize, 1 << 20))
  let reader = try EventReader.reader(of: window)
  if let check = reader.checkHead { try check(&window, request) } else { _ = try reader.read(&window, request) }
}

extension EventReader {
  /// The reader of the file that a window shows from its beginning.
  fileprivate static func reader(of window: borrowing FileWindow) throws(DataError) -> EventReader {
    guard window.count > 0 else {
      throw DataError(
        .badData, file: window.path, what: "an empty file",
        advice: "write its events again, or name another file")
    }
    guard let reader = all.first(where: { $0.recognises(window) }) else {
      preconditionFailure("the last reader takes what the others leave")
    }
    return reader
  }
}
