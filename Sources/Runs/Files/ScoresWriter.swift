import Formats
package import Machine

/// Writes the scores of events to a file or a stream, some events at a time.
package struct ScoresWriter {
  private let format: ScoresFormat
  private let classes: [String]
  private let output: OutputWriter
  /// The events that were written.
  package private(set) var events = 0
  /// The events that the head counts, which is written first; it is corrected where a file turns out to have others.
  private let announced: Int
  /// The rows, where a stream gets an array whose number of events is only known in the end.
  private var held: [UInt8]?
  /// Of the rows.
  private var crc: UInt32 = 0

  /// `events` is how many there will be, if that is known.
  ///
  /// - Throws: 64 for a `.npz` file that is a stream, as its parts are written over when their sizes are known.
  package init(_ format: ScoresFormat, classes: [String], events: Int?, to file: OutputFile) throws {
    if format == .npz, file.isStream {
      throw Failure(
        .usage,
        "-o \(file.path.onOneLine): a .npz file cannot go into a pipe or device; name a file, or write .npy or .csv")
    }
    (self.format, self.classes, announced) = (format, classes, events ?? 0)
    output = try file.open()
    if format == .npy, file.isStream, events == nil {
      held = []
    } else {
      if format == .npz { try output.append(ZipWriter.header(of: Self.scoresMember)) }
      try output.append(format.head(events: announced, columns: classes))
    }
  }

  /// Appends rows of ``ScoresFormat/rows(_:columns:)``, those of so many events.
  package mutating func append(_ rows: [UInt8], events: Int) throws {
    self.events += events
    if format == .npz { crc = crc32(rows.span, from: crc) }
    guard held == nil else {
      held?.append(contentsOf: rows)
      return
    }
    try output.append(rows)
  }

  /// Completes the file, which then has its name.
  package mutating func finish() throws {
    let head = format.head(events: events, columns: classes)
    if let rows = held {
      try output.append(head)
      try output.append(rows)
    } else if format == .npz {
      try finishArchive(head)
    } else if format == .npy, events != announced {
      try output.replace(head, at: 0)
    }
    try output.finish()
  }

  // MARK: Archives

  private static let scoresMember = ZipMember(stored: "scores.npy", headerOffset: 0)
  /// Events whose scores are read at a time to find the largest.
  private static let eventsAtATime = 1 << 16

  private mutating func finishArchive(_ head: [UInt8]) throws {
    var scores = Self.scoresMember
    let start = ZipWriter.header(of: scores).count
    let size = output.size - start
    (scores.size, scores.packedSize) = (size, size)
    scores.crc = crc32(crc32(head.span), followedBy: crc, ofBytes: size - head.count)
    try output.replace(ZipWriter.header(of: scores) + head, at: 0)
    let predicted = try appendPredictions(ofScoresAt: start + head.count)
    let names = Self.array(of: classes)
    let classes = ZipMember(
      stored: "classes.npy", size: names.count, crc: crc32(names.span), headerOffset: output.size)
    try output.append(ZipWriter.header(of: classes) + names)
    try output.append(ZipWriter.end(of: [scores, predicted, classes], at: output.size))
  }

  /// Appends the class with the largest score of each event, the first of those that are equal; −1 if a score is nan. The scores are read
  /// from the file again, as numbers of a billion events take 4 GB.
  private func appendPredictions(ofScoresAt start: Int) throws -> ZipMember {
    let head = npyHeader(shape: [events], descr: "<i4")
    var member = ZipMember(stored: "predicted.npy", headerOffset: output.size)
    (member.size, member.crc) = (head.count + 4 * events, crc32(head.span))
    member.packedSize = member.size
    try output.append(ZipWriter.header(of: member) + head)
    for first in stride(from: 0, to: events, by: Self.eventsAtATime) {
      let count = min(Self.eventsAtATime, events - first)
      let scores = try [Float](
        littleEndian: output.read(at: start + 4 * classes.count * first, count: 4 * classes.count * count)[...])
      var bytes: [UInt8] = []
      bytes.append(bytesOf: Self.largest(of: scores, classes: classes.count))
      member.crc = crc32(bytes.span, from: member.crc)
      try output.append(bytes)
    }
    try output.replace(ZipWriter.header(of: member), at: member.headerOffset)
    return member
  }

  private static func largest(of scores: [Float], classes: Int) -> [Int32] {
    stride(from: 0, to: scores.count, by: classes).map { first in
      var best = 0
      for index in 0..<classes {
        if scores[first + index].isNaN { return -1 }
        if scores[first + index] > scores[first + best] { best = index }
      }
      return Int32(best)
    }
  }

  /// A `.npy` file of texts, each of which takes as much as the longest: UTF-32, with zeros behind it.
  private static func array(of texts: [String]) -> [UInt8] {
    let length = max(1, texts.map(\.unicodeScalars.count).max() ?? 1)
    var bytes = npyHeader(shape: [texts.count], descr: "<U\(length)")
    for text in texts {
      let scalars = text.unicodeScalars.map(\.value)
      bytes.append(bytesOf: scalars + [UInt32](repeating: 0, count: length - scalars.count))
    }
    return bytes
  }
}
