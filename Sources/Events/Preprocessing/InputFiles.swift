import Formats
public import Machine

/// A file with events to be scored, as it was found before its events are read.
public struct InputFile: Codable, Equatable, Sendable {
  public let path: String
  /// Size and time when it was found.
  public let stamp: FileStamp
  /// The number of its events if it is a plain array, of which any rank can read any events; nil for a file that is read from its
  /// beginning to its end.
  public let events: Int?
}

/// Opens files of events as inputs of a network, each as far as it is needed. No file is in memory as a whole if it need not be:
///
/// | file | in memory |
/// |---|---|
/// | `.npy`, `.npy` with named columns | the events that are read at a time |
/// | text with an event per line, also in a gzip file | a window of 8 MiB and its values |
/// | text with a feature per line: the last event begins at the end of the file's first line | all values |
/// | `.npz`, and `.npy` in a gzip file: their arrays can only be read from the beginning | the unpacked arrays |
public struct InputFiles: Sendable {
  private let request: EventRequest
  private let preprocessor: Preprocessor?

  /// The columns that `request` wants; with a preprocessing, those that it reads.
  public init(_ request: EventRequest, _ fitted: FittedPreprocessing?) throws(DataError) {
    var request = request
    fitted?.preprocessing.complete(&request)
    self.request = request
    preprocessor = try fitted.map { fitted throws(DataError) in try Preprocessor(of: fitted) }
  }

  /// Finds out what kind of file this is. A file whose beginning shows that it cannot be used is refused, and so is one that has to be in
  /// memory as a whole and does not fit there.
  public func find(_ path: String) throws(DataError) -> InputFile {
    let stamp: FileStamp
    do throws(FileError) { stamp = try OpenFile(path, .read).stamp() } catch { throw DataError(error) }
    if try isPlainArray(path) {
      return InputFile(path: path, stamp: stamp, events: try open(path).events)
    }
    try checkHead(file: path, request)
    if try !isStreamed(path) {
      do throws(Failure) { try EventMemory(ofWhole: path, request).require() } catch {
        throw DataError(exceedingMemory: error)
      }
    }
    return InputFile(path: path, stamp: stamp, events: nil)
  }

  /// The events of a plain array.
  public func array(_ file: InputFile) throws(DataError) -> InputEvents {
    let source = try open(file.path)
    guard source.events == file.events else { throw .changed(file.path) }
    return InputEvents(source, preprocessor, path: file.path)
  }

  /// The events of any file, from its beginning on.
  public func stream(_ file: InputFile) throws(DataError) -> InputStream {
    try InputStream(file.path, request, preprocessor)
  }

  private func open(_ path: String) throws(DataError) -> EventSource {
    var reader = ProcessReader(request: request)
    return try reader.read(path, of: "").0
  }

  private func isPlainArray(_ path: String) throws(DataError) -> Bool {
    let window = try FileWindow.open(path, capacity: npyMagic.count)
    return !window.isPacked && EventReader.npy.recognises(window)
  }

  private func isStreamed(_ path: String) throws(DataError) -> Bool {
    var window = try FileWindow.open(path, capacity: request.windowSize)
    return try TextWindows(text: &window, request) != nil
  }
}

extension InputFile {
  /// Refuses the file if something wrote to it since it was found.
  public func requireUnchanged() throws(DataError) { try stamp.requireUnchanged(path) }
}
