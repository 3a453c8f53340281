import Events
import Machine
import MPI
import NeuralNetwork

// Files that are read from the beginning to the end, by rank 0.

/// Seconds that rank 0 reads before it gives the others a sign of life.
private let patience = 10.0

extension Prediction {
  /// Scores the events of a file that is read from its beginning, on rank 0.
  mutating func readToEnd(
    _ file: Int, _ writer: inout ScoresWriter?, _ network: borrowing Network, _ host: ProcessorSet,
    _ communicator: borrowing Communicator
  ) throws {
    var stream: InputStream?
    var isAtEnd = false
    while !isAtEnd {
      let answer = try communicator.fromRoot(.reading) { () throws -> [UInt8] in
        if stream == nil { stream = try inputs.stream(files[file]) }
        let isAtEnd =
          communicator.size == 1
          ? try read(&stream, file, &writer, network)
          : try host.lend { () throws -> Bool in try read(&stream, file, &writer, network) }
        return [isAtEnd ? 1 : 0]
      }
      isAtEnd = answer == [1]
    }
    bytesRead += Double(files[file].stamp.size)
  }

  /// Reads and scores for some seconds; true at the end of the file.
  private mutating func read(
    _ stream: inout InputStream?, _ file: Int, _ writer: inout ScoresWriter?, _ network: borrowing Network
  ) throws -> Bool {
    let start = ContinuousClock.now
    while seconds(since: start) < patience {
      guard let events = try stream?.next() ?? nil else { return true }
      // As many at a time as in a round of a rank, so that rows are not held for all of them.
      let step = min(Self.mostChunks, chunksOfRound) * EventChunks.size
      for first in Swift.stride(from: 0, to: events.events, by: step) {
        let range = first..<min(first + step, events.events)
        let before = eventsOfFiles[file] - first
        let parts = Swift.stride(from: range.lowerBound, to: range.upperBound, by: EventChunks.size).map { start in
          Part(
            inputs: events, events: start..<min(start + EventChunks.size, range.upperBound), file: file,
            first: before)
        }
        let round = score(parts, network)
        try take(round.notes)
        try writer?.append(round.rows, events: range.count)
        count(range.count, ofFile: file)
      }
      draw(bytesRead + (stream?.fraction ?? 1) * Double(files[file].stamp.size))
    }
    return false
  }
}
