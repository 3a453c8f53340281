import Formats
import Machine

extension EventReader {
  static let npy = EventReader(recognises: { $0.begins(with: npyMagic) }) { window, request throws(DataError) in
    guard request.identity.isEmpty else {
      throw DataError(
        .badData, file: window.path,
        what: "columns without names, where \(request.identity.joined(separator: ", ")) identify an event",
        advice: "write the events as text with a header")
    }
    let header: NpyHeader
    do throws(FormatError) {
      header = try NpyHeader(window.buffer.span.extracting(0..<window.count), size: window.size)
    } catch { throw DataError(.badData, file: window.path, what: error.what, advice: error.advice) }
    return .npy(try NpyArray(window.file, header, size: window.size, layout: request.layout))
  }

  static let misnamedNpy = EventReader(recognises: { $0.path.hasSuffix(".npy") }) { window, _ throws(DataError) in
    throw DataError(
      .badData, file: window.path, what: "named .npy, but it does not begin as a .npy file does",
      advice: "write it with numpy.save, or rename it if it is text")
  }
}
