import Events
import Machine
import MPI
import NeuralNetwork

// Plain arrays, round by round.

extension Prediction {
  /// Scores the events of plain arrays.
  mutating func readArrays(
    _ numbers: Range<Int>, _ writer: inout ScoresWriter?, _ network: borrowing Network, _ placement: Placement,
    _ communicator: borrowing Communicator
  ) throws {
    var chunks = EventChunks()
    for number in numbers { chunks.append(file: number, events: files[number].events ?? 0) }
    let threads = (0..<communicator.size).reduce(0) { $0 + placement.threads(ofRank: $1) }
    let most = min(32 * threads, Self.mostChunks * communicator.size, chunksOfRound)
    let bytes = numbers.reduce(0.0) { $0 + Double(files[$1].stamp.size) }
    var opened: [Int: InputEvents] = [:]
    for first in stride(from: 0, to: chunks.count, by: most) {
      let round = first..<min(first + most, chunks.count)
      let mine = chunks[BlockPlan.share(of: round, worker: communicator.rank, of: communicator.size)]
      communicator.watchdog.move()
      let scored = scoreArrays(mine, &opened, network, communicator)
      let rows = try communicator.gatherToRoot(scored.rows)
      let notes = try communicator.gatherToRoot(scored.notes.bytes)
      try communicator.onRoot {
        for bytes in notes { try take(ScoredRound.Notes(bytes)) }
        for chunk in chunks[round] { count(chunk.events.count, ofFile: chunk.file) }
        for (index, part) in rows.enumerated() {
          let share = chunks[BlockPlan.share(of: round, worker: index, of: communicator.size)]
          try writer?.append(part, events: share.reduce(0) { $0 + $1.events.count })
        }
        draw(bytesRead + bytes * Double(round.upperBound) / Double(chunks.count))
      }
    }
    bytesRead += bytes
  }

  /// This rank's share of a round. `opened` has the files of the last one.
  private mutating func scoreArrays(
    _ chunks: [EventChunks.Chunk], _ opened: inout [Int: InputEvents], _ network: borrowing Network,
    _ communicator: borrowing Communicator
  ) -> ScoredRound {
    var parts: [Part] = []
    var failure: Failure?
    let last = opened
    opened = [:]
    for chunk in chunks {
      do {
        let events = try opened[chunk.file] ?? last[chunk.file] ?? inputs.array(files[chunk.file])
        opened[chunk.file] = events
        parts.append(Part(inputs: events, events: chunk.events, file: chunk.file, first: 0))
      } catch {
        // Rank 0 could open it before.
        let place = communicator.isRoot ? "" : "rank \(communicator.rank)@\(hostName()): "
        failure = Failure(Failure(error).exitCode, place + Failure(error).description)
        break
      }
    }
    var round = score(parts, network)
    // What comes before it has failed earlier.
    if let failure, round.notes.exitCode == nil { round.notes.fail(failure) }
    return round
  }
}
