/// The events of files that any rank can read anywhere, cut into chunks, one file after the other.
package struct EventChunks {
  /// Events that a thread reads, scores and encodes at a time: their inputs, scores and rows stay in its cache. Small enough for rank 0
  /// to hold one of each of 10,000 ranks: 330 MB of four classes.
  package static let size = 2048

  /// Some events of a file.
  package struct Chunk: Equatable, Sendable {
    /// The number of the file.
    package var file: Int
    package var events: Range<Int>

    package init(file: Int, events: Range<Int>) { (self.file, self.events) = (file, events) }
  }

  /// Of each file with events: its number, how many they are, and the number of its first chunk.
  private var files: [(file: Int, events: Int, firstChunk: Int)] = []
  package private(set) var count = 0

  package init() {}

  /// Adds a file with so many events.
  package mutating func append(file: Int, events: Int) {
    guard events > 0 else { return }
    files.append((file, events, count))
    count += (events + Self.size - 1) / Self.size
  }

  /// The chunks with these numbers.
  package subscript(numbers: Range<Int>) -> [Chunk] {
    guard !numbers.isEmpty else { return [] }
    // The last file whose first chunk is not behind the first number.
    var (low, high) = (0, files.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if files[middle].firstChunk <= numbers.lowerBound { low = middle } else { high = middle }
    }
    return numbers.map { number in
      while low + 1 < files.count, files[low + 1].firstChunk <= number { low += 1 }
      let first = (number - files[low].firstChunk) * Self.size
      return Chunk(file: files[low].file, events: first..<min(first + Self.size, files[low].events))
    }
  }
}
