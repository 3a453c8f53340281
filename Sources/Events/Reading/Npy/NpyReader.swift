import Formats
import Machine

extension EventReader {
  /// An array of numbers, (events, features) or (features, events), or a vector of one feature; or one whose columns have names: a
  /// structured array, or a matrix to which the run file gives them.
  static let npy = EventReader(
    recognises: { $0.begins(with: npyMagic) },
    checkHead: { window, request throws(DataError) in
      let header = try NpyHeader(window)
      // Unpacking takes long, so the header is trusted.
      let size = window.isPacked ? header.fileSize : window.size
      _ = try EventSource.array(header, .file(window.file), size: size, request)
    },
    read: { window, request throws(DataError) in
      let header = try NpyHeader(window)
      let (bytes, size) = try window.array(behind: header)
      return try .array(header, bytes, size: size, request)
    })

  static let misnamedNpy = EventReader(recognises: { $0.path.hasSuffix(".npy") }) { window, _ throws(DataError) in
    throw DataError(
      .badData, file: window.path, what: "named .npy, but it does not begin as a .npy file does",
      advice: "write it with numpy.save, or rename it if it is text")
  }
}

extension EventSource {
  /// The array after a header, which `size` bytes hold.
  static func array(
    _ header: NpyHeader, _ bytes: FileBytes, size: Int, _ request: EventRequest
  ) throws(DataError) -> EventSource {
    guard header.fields.isEmpty, request.columns.isEmpty else {
      return .columns(try NpyColumns(bytes, header, size: size, request))
    }
    try request.requireNamedColumns(in: bytes.path)
    let array = try NpyArray(bytes, header, size: size, layout: request.layout)
    return request.takesFeatures ? .npy(array) : .table(EventTable(events: array.events))
  }
}

extension EventRequest {
  /// Refuses an array whose columns have no names, if any are wanted that have no other.
  func requireNamedColumns(in path: String) throws(DataError) {
    try requireNothingByName(
      in: path, "columns without names", advice: "save a structured array, or write text with a header")
  }
}
