import Formats
package import Machine

/// The formats in which numbers of events are written, by the ending of the file's name.
package enum ScoresFormat: String, CaseIterable, Sendable {
  /// An array of shape (events, columns), float32.
  case npy
  /// A zip archive of arrays: `scores` as above, `predicted` (events), int32, and `classes`, the names of the columns.
  case npz
  /// A line with the names of the columns, then a line for each event, in the fewest digits that give the same float32 back.
  case csv

  /// That of the file that is called `path`, one of `choices`.
  ///
  /// - Throws: 64 for a name that ends in something else. What is no file need not have an ending: there it is CSV.
  package init(ofFile path: String, among choices: [ScoresFormat] = allCases) throws(Failure) {
    if let format = choices.first(where: { Path.hasEnding($0.rawValue, path) }) {
      self = format
    } else if FileSystem.isStream(path) {
      self = .csv
    } else {
      let archive = choices.contains(.npz) ? ", arrays in one file (.npz)" : ""
      throw Failure(
        .usage,
        "-o \(path.onOneLine): the name says what is written, an array (.npy)\(archive) or text (.csv); end it in one of "
          + "these")
    }
  }

  /// Bytes that the content takes for a number, about.
  package var bytesPerValue: Double { self == .csv ? 26 : 4 }

  /// The content of a `.npy` or `.csv` file: `values` of shape (events, columns), row-major.
  package func encoded(_ values: [Float], columns: [String]) -> [UInt8] {
    head(events: values.count / columns.count, columns: columns) + rows(values, columns: columns.count)
  }

  /// What stands before the rows.
  func head(events: Int, columns: [String]) -> [UInt8] {
    switch self {
    case .npy, .npz: npyHeader(shape: [events, columns.count], descr: "<f4")
    case .csv: Array((columns.map(Self.field).joined(separator: ",") + "\n").utf8)
    }
  }

  /// Some rows: `values` of shape (events, columns), row-major.
  func rows(_ values: [Float], columns: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    switch self {
    case .npy, .npz: bytes.append(bytesOf: values)
    case .csv:
      bytes.reserveCapacity(values.count * 14)
      var column = 0
      for value in values {
        bytes.append(contentsOf: value.description.utf8)
        column += 1
        bytes.append(column == columns ? UInt8(ascii: "\n") : UInt8(ascii: ","))
        if column == columns { column = 0 }
      }
    }
    return bytes
  }

  /// A name as RFC 4180 quotes it.
  private static func field(_ name: String) -> String {
    let isPlain = !name.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }
    return isPlain && !name.hasPrefix(" ") && !name.hasSuffix(" ") ? name : "\"\(name.replacing("\"", with: "\"\""))\""
  }
}
