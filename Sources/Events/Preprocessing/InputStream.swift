import Machine

/// The events of a file, one part after the other: those of a window of a text, or all at once where the file has to be read as a whole.
public struct InputStream: ~Copyable {
  private let path: String
  private let preprocessor: Preprocessor?
  private var reader: ProcessReader
  private var window: FileWindow
  /// What reads the window; nil: the file is read as a whole.
  private var text: TextWindows?
  /// The events before the next part.
  private var taken = 0
  private var isAtEnd = false

  init(_ path: String, _ request: EventRequest, _ preprocessor: Preprocessor?) throws(DataError) {
    var window = try FileWindow.open(path, capacity: request.windowSize)
    text = try TextWindows(text: &window, request)
    reader = ProcessReader(request: request)
    self.window = window
    (self.path, self.preprocessor) = (path, preprocessor)
  }

  /// How much of the file was read, from 0 to 1; about, where it is packed.
  public var fraction: Double {
    text == nil ? (isAtEnd ? 1 : 0) : min(1, Double(window.offset) / Double(max(1, window.size)))
  }

  /// The events of the next part, at least one; nil at the end of the file.
  public mutating func next() throws(DataError) -> InputEvents? {
    while !isAtEnd {
      var source: EventSource
      if text == nil {
        isAtEnd = true
        source = try reader.read(path, of: "").0
      } else {
        isAtEnd = try !(text?.read(&window) ?? false)
        guard let table = text?.take() else { return nil }
        source = .table(table)
        source.firstEvent = taken
        if table.events > 0 { try reader.checkFeatures(source, of: path) }
      }
      taken += source.events
      if source.events > 0 { return InputEvents(source, preprocessor, path: path) }
    }
    return nil
  }
}
