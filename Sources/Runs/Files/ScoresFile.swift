import Formats
package import Machine

/// The formats in which class probabilities are written, by the file name's extension.
package enum ScoresFormat: String, CaseIterable, Sendable {
  /// An array of shape (events, classes), float32.
  case npy
  /// A line with the names of the classes, then a line for each event, in the fewest digits that give the same float32 back.
  case csv

  /// That of the file that is called `path`.
  ///
  /// - Throws: 64 for a name with another extension. A pipe or device needs none: the format is then CSV.
  package init(ofFile path: String) throws(Failure) {
    if let format = Self.allCases.first(where: { Path.hasEnding($0.rawValue, path) }) {
      self = format
    } else if FileSystem.isStream(path) {
      self = .csv
    } else {
      throw Failure(
        .usage,
        "-o \(path.onOneLine): the name says what is written, an array (.npy) or text (.csv); end it in one of these")
    }
  }

  /// Bytes that the content takes for a probability, about.
  package var bytesPerValue: Double { self == .npy ? 4 : 26 }

  /// The content of the file: `scores` of shape (events, classes), row-major.
  package func encoded(_ scores: [Float], classes: [String]) -> [UInt8] {
    switch self {
    case .npy:
      var bytes = npyHeader(shape: [scores.count / classes.count, classes.count], descr: "<f4")
      bytes.append(bytesOf: scores)
      return bytes
    case .csv:
      var bytes = Array(classes.map(Self.field).joined(separator: ",").utf8)
      bytes.append(UInt8(ascii: "\n"))
      for (index, score) in scores.enumerated() {
        bytes.append(contentsOf: score.description.utf8)
        bytes.append((index + 1).isMultiple(of: classes.count) ? UInt8(ascii: "\n") : UInt8(ascii: ","))
      }
      return bytes
    }
  }

  /// A name as RFC 4180 quotes it.
  private static func field(_ name: String) -> String {
    let isPlain = !name.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }
    return isPlain && !name.hasPrefix(" ") && !name.hasSuffix(" ") ? name : "\"\(name.replacing("\"", with: "\"\""))\""
  }
}
