import Runs
import Testing

@Suite struct EventChunksTests {
  private static let size = EventChunks.size

  /// Every event of every file once, in order, however the chunks are asked for.
  @Test(arguments: [[], [0], [1], [size], [size + 1], [3, 0, 2 * size, 0, 5 * size - 1, 1, size]])
  func chunksAreTheEventsInTheirOrder(_ files: [Int]) {
    var chunks = EventChunks()
    for (file, events) in files.enumerated() { chunks.append(file: 10 * file, events: events) }
    var expected: [EventChunks.Chunk] = []
    for (file, events) in files.enumerated() {
      for first in stride(from: 0, to: events, by: Self.size) {
        expected.append(EventChunks.Chunk(file: 10 * file, events: first..<min(first + Self.size, events)))
      }
    }
    #expect(chunks.count == expected.count)
    for first in 0...expected.count {
      for end in first...expected.count { #expect(chunks[first..<end] == Array(expected[first..<end])) }
    }
  }
}
