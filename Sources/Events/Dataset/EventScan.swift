import Machine
import Numerics

/// What one pass over all events finds, before memory is taken for them: by all CPUs, the same whatever their number.
struct EventScan: Sendable {
  /// Some events of a file.
  struct Chunk: Sendable {
    /// Their numbers in the file.
    let events: Range<Int>
    let source: Int
    /// The number of the first of them in its process.
    let firstOfProcess: Int
    /// How many of them have each use.
    fileprivate(set) var counts = EventCounts()
  }

  /// For each process its chunks, in the order of its events.
  private(set) var chunks: [[Chunk]] = []
  /// Of the training events.
  private(set) var moments: FeatureMoments
  /// Some events, evenly spread over all: (events, features).
  private(set) var sample: [Float] = []

  /// For each process, the events of each use.
  var counts: [EventCounts] {
    chunks.map { chunks in
      chunks.reduce(into: EventCounts()) { sum, chunk in
        for use in EventUse.allCases { sum[use] += chunk.counts[use] }
      }
    }
  }

  /// Reads all events once.
  /// - Throws: the first value that cannot be used, in the order of processes and files.
  init(_ processes: [ProcessEvents], features: Int, split: Split, seed: UInt64) throws(DataError) {
    moments = FeatureMoments(features: features)
    let total = processes.reduce(0) { $0 + $1.events }
    let sampleEvery = max(1, total / 16384)
    for (number, process) in processes.enumerated() {
      var chunks: [Chunk] = []
      var first = 0
      for (source, events) in process.sources.enumerated() {
        for chunk in EventChunk.chunks(of: events.events) {
          chunks.append(Chunk(events: chunk, source: source, firstOfProcess: first + chunk.lowerBound))
        }
        first += events.events
      }
      let found = concurrentMap(chunks.count) { [chunks] index in
        Part(process, chunks[index], features, sampleEvery, split.uses(process: number, seed: seed))
      }
      for (index, part) in found.enumerated() {
        if part.fault != nil {
          // All chunks of this file are read: the first fault in it counts.
          let ofFile = zip(chunks, found).filter { $0.0.source == chunks[index].source }
          try EventFault.throwFirst(ofFile.compactMap(\.1.fault))
        }
        chunks[index].counts = part.counts
        moments.append(part.moments)
        sample += part.sample
      }
      self.chunks.append(chunks)
    }
  }

  /// What a thread finds in a chunk.
  private struct Part: Sendable {
    var counts = EventCounts()
    var moments: FeatureMoments
    var sample: [Float] = []
    var fault: EventFault?

    init(_ process: ProcessEvents, _ chunk: Chunk, _ features: Int, _ sampleEvery: Int, _ split: Split.Process) {
      moments = FeatureMoments(features: features)
      var values = [Float](repeating: 0, count: chunk.events.count * features)
      var span = values.mutableSpan
      do throws(EventFault) { try process.sources[chunk.source].read(chunk.events, into: &span) } catch {
        fault = error
        return
      }
      let uses = split.uses(chunk.firstOfProcess..<chunk.firstOfProcess + chunk.events.count)
      for use in uses { counts[use] += 1 }
      moments = FeatureMoments(values.span, features: features, counting: uses, .training)
      for event in uses.indices where (chunk.firstOfProcess + event).isMultiple(of: sampleEvery) {
        sample += values[event * features..<(event + 1) * features]
      }
    }
  }
}
