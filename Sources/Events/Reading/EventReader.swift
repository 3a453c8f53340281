import Machine

/// A format of event files.
struct EventReader: Sendable {
  /// Whether the file that a window shows from its beginning is to be read, or refused, by this reader.
  var recognises: @Sendable (borrowing FileWindow) -> Bool
  /// Reads the file that a window shows from its beginning.
  var read: @Sendable (inout FileWindow, EventRequest) throws(DataError) -> EventSource

  /// The readers, of which the first that recognises a file reads it. A new one is one file and one line here.
  static let all: [EventReader] = [.npy, .misnamedNpy] + foreign + [.text]
}

/// Reads the events of one file: text (`numpy.savetxt`, CSV) or `.npy`, told apart by what it begins with.
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
  guard window.count > 0 else {
    throw DataError(
      .badData, file: file, what: "an empty file",
      advice: "write its events again, or name another file")
  }
  guard let reader = EventReader.all.first(where: { $0.recognises(window) }) else {
    preconditionFailure("the last reader takes what the others leave")
  }
  let source = try reader.read(&window, request)
  precondition(
    source.columnCounts == (request.identity.count, request.numbers.count, request.categories.count),
    "a reader that neither reads nor refuses columns that are wanted by name")
  return source
}
