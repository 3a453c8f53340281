import Formats
import Machine

extension EventReader {
  /// An array of numbers, (events, features) or (features, events), or a vector of one feature; or one whose columns have names: a
  /// structured array, or a matrix to which the run file gives them.
  static let npy = EventReader(recognises: { $0.begins(with: npyMagic) }) { window, request throws(DataError) in
    let header = try NpyHeader(window)
    guard header.fields.isEmpty, request.columns.isEmpty else {
      return .columns(try NpyColumns(window.file, header, size: window.size, request))
    }
    try request.requireNothingByName(
      in: window.path, "columns without names", advice: "save a structured array, or write text with a header")
    let array = try NpyArray(window.file, header, size: window.size, layout: request.layout)
    return request.takesFeatures ? .npy(array) : .table(EventTable(events: array.events))
  }

  static let misnamedNpy = EventReader(recognises: { $0.path.hasSuffix(".npy") }) { window, _ throws(DataError) in
    throw DataError(
      .badData, file: window.path, what: "named .npy, but it does not begin as a .npy file does",
      advice: "write it with numpy.save, or rename it if it is text")
  }
}
