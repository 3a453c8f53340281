package import Events
package import Machine
package import MPI
package import NeuralNetwork
import Training

/// Scores the events of files and writes the scores in the order of the events, on all ranks and threads. The bytes are the same on any
/// number of them.
///
/// Plain arrays go round by round: a round is some chunks, of which each rank reads, scores and encodes its share; rank 0 gets the rows
/// and writes them. Any other file has to be read from its beginning: rank 0 does so with all CPUs of its host while the others sleep.
///
/// **One writer.** Ranks could write their own rows into a shared file, as their places are known. But all that there is to write of a
/// billion events of four classes are 16 GB: some 10 s for rank 0 on a parallel file system of 1 to 2 GB/s for a file, where all 10,000
/// ranks together would be no faster unless the file is striped, and 10 s to get them through one link of 2 GB/s. The 60 GB of inputs,
/// which all ranks read, take longer. With one writer, CSV, archives and pipes go the same way; a full disk is seen by the
/// rank that reports it; and no rank of another host can leave a half-written file behind, or needs to see rank 0's temporary one, as
/// NFS does not promise.
package struct Prediction: ~Copyable {
  private let files: [InputFile]
  private let inputs: InputFiles
  private let format: ScoresFormat
  private let classes: Int
  private var scorer: Scorer
  private let report: Console

  /// The events so far, and those with undefined scores by the number of the file; on rank 0.
  private var events = 0
  private var eventsOfFiles: [Int]
  private var undefined: [Int: UndefinedScores] = [:]
  /// The bytes of the files that are done.
  private var bytesRead = 0.0
  private let start = ContinuousClock.now

  /// Most chunks that a rank has in a round, each of a file of its own, perhaps.
  private static let mostChunks = 128
  /// Most bytes of rows of a round on rank 0.
  private static let roundBytes = 1 << 28
  /// Seconds that rank 0 reads before it gives the others a sign of life.
  private static let patience = 10.0

  package init(
    of files: [InputFile], _ inputs: InputFiles, _ model: Checkpoint, layout: ParameterLayout, _ format: ScoresFormat,
    threads: Int, _ report: Console
  ) {
    (self.files, self.inputs, self.format, self.report) = (files, inputs, format, report)
    classes = model.model.classNames.count
    scorer = Scorer(layout: layout, model.model.standardization, threads: threads)
    eventsOfFiles = Array(repeating: 0, count: files.count)
  }

  /// Scores all events and writes them to `output`, which rank 0 has.
  /// - Collective: every rank of the communicator calls it.
  package mutating func write(
    to output: OutputFile?, classNames: [String], _ network: borrowing Network, _ placement: Placement,
    _ communicator: borrowing Communicator
  ) throws {
    var writer: ScoresWriter?
    try communicator.onRoot {
      let events = files.reduce(Int?.some(0)) { sum, file in file.events.flatMap { events in sum.map { $0 + events } } }
      writer = try output.map { try ScoresWriter(format, classes: classNames, events: events, to: $0) }
    }
    var file = 0
    while file < files.count {
      if files[file].events == nil {
        try readToEnd(file, &writer, network, placement.rootHost, communicator)
        file += 1
      } else {
        let end = files[file...].firstIndex { $0.events == nil } ?? files.count
        try readArrays(file..<end, &writer, network, placement, communicator)
        file = end
      }
    }
    try communicator.onRoot {
      guard events > 0 else { throw noEvents }
      for file in files { try file.requireUnchanged() }
      try writer?.finish()
    }
  }

  private var noEvents: DataError {
    let others = files.count == 1 ? "" : " and \(counted(files.count - 1, "other file"))"
    return DataError(
      .badData, file: (files.first?.path ?? "") + others, what: "no event in \(files.count == 1 ? "it" : "them")",
      advice: "name a file with events")
  }

  // MARK: Arrays

  /// Scores the events of plain arrays.
  private mutating func readArrays(
    _ numbers: Range<Int>, _ writer: inout ScoresWriter?, _ network: borrowing Network, _ placement: Placement,
    _ communicator: borrowing Communicator
  ) throws {
    var chunks = EventChunks()
    for number in numbers { chunks.append(file: number, events: files[number].events ?? 0) }
    let threads = (0..<communicator.size).reduce(0) { $0 + placement.threads(ofRank: $1) }
    let rowBytes = Double(EventChunks.size * classes) * format.bytesPerValue
    let most = min(32 * threads, Self.mostChunks * communicator.size, max(1, Int(Double(Self.roundBytes) / rowBytes)))
    var opened: [Int: InputEvents] = [:]
    for first in stride(from: 0, to: chunks.count, by: most) {
      let round = first..<min(first + most, chunks.count)
      let mine = chunks[BlockPlan.share(of: round, worker: communicator.rank, of: communicator.size)]
      communicator.watchdog.move()
      let scored = scoreArrays(mine, &opened, network)
      let rows = try communicator.gatherToRoot(scored.rows)
      let notes = try communicator.gatherToRoot(scored.notes.bytes)
      try communicator.onRoot {
        for bytes in notes { try take(ScoredRound.Notes(bytes)) }
        for chunk in chunks[round] { count(chunk.events.count, ofFile: chunk.file) }
        for (index, part) in rows.enumerated() {
          let share = chunks[BlockPlan.share(of: round, worker: index, of: communicator.size)]
          try writer?.append(part, events: share.reduce(0) { $0 + $1.events.count })
        }
        let bytes = numbers.reduce(0.0) { $0 + Double(files[$1].stamp.size) }
        draw(bytesRead + bytes * Double(round.upperBound) / Double(chunks.count))
      }
    }
    bytesRead += numbers.reduce(0.0) { $0 + Double(files[$1].stamp.size) }
  }

  /// This rank's share of a round. `opened` has the files of the last one.
  private mutating func scoreArrays(
    _ chunks: [EventChunks.Chunk], _ opened: inout [Int: InputEvents], _ network: borrowing Network
  ) -> ScoredRound {
    var parts: [Part] = []
    var failure: (any Error)?
    let last = opened
    opened = [:]
    for chunk in chunks {
      do {
        let events = try opened[chunk.file] ?? last[chunk.file] ?? inputs.array(files[chunk.file])
        opened[chunk.file] = events
        parts.append(Part(inputs: events, events: chunk.events, file: chunk.file, first: 0))
      } catch {
        failure = error
        break
      }
    }
    var round = score(parts, network)
    // What comes before it has failed earlier.
    if let failure, round.notes.exitCode == nil { round.notes.fail(failure) }
    return round
  }

  // MARK: Other files

  /// Scores the events of a file that is read from its beginning, on rank 0.
  private mutating func readToEnd(
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
    while seconds(since: start) < Self.patience {
      guard let events = try stream?.next() ?? nil else { return true }
      // As many at a time as in a round of a rank, so that rows are not held for all of them.
      let step = Self.mostChunks * EventChunks.size
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

  // MARK: Chunks

  /// Some events that are at hand, and the number that event 0 of `inputs` has in its file.
  private struct Part {
    var inputs: InputEvents
    var events: Range<Int>
    var file: Int
    var first: Int
  }

  /// Scores parts, with all threads.
  private mutating func score(_ parts: [Part], _ network: borrowing Network) -> ScoredRound {
    let (format, classes) = (format, classes)
    let results = scorer.map(
      network, parts.count, events: { parts[$0].events.count },
      read: { index, values throws(DataError) in
        try parts[index].inputs.read(parts[index].events, into: &values)
      },
      finish: { index, chunk in
        let part = parts[index]
        let undefined = UndefinedScores(
          chunk.scores, classes: classes, inputs: chunk.inputs, features: part.inputs.features,
          first: part.first + part.events.lowerBound, file: part.file)
        return (rows: format.rows(chunk.scores, columns: classes), undefined: undefined)
      })
    var round = ScoredRound()
    round.rows.reserveCapacity(Int(Double(parts.reduce(0) { $0 + $1.events.count } * classes) * format.bytesPerValue))
    for result in results {
      switch result {
      case .success(let scored):
        round.rows += scored.rows
        if let undefined = scored.undefined { round.notes.undefined.append(undefined) }
      case .failure(let error):
        round.notes.fail(error)
        return round
      }
    }
    return round
  }

  private mutating func take(_ notes: ScoredRound.Notes) throws {
    if let failure = notes.failure { throw failure }
    for found in notes.undefined {
      if undefined[found.file]?.add(found) == nil { undefined[found.file] = found }
    }
  }

  private mutating func count(_ events: Int, ofFile file: Int) {
    self.events += events
    eventsOfFiles[file] += events
  }

  // MARK: What is printed

  private func draw(_ bytes: Double) {
    let total = files.reduce(0.0) { $0 + Double($1.stamp.size) }
    let (fraction, time) = (total > 0 ? bytes / total : 1, seconds(since: start))
    report.progress(
      "scores", fraction,
      "\(grouped(events)) events  \(rate) events/s  ETA \(duration(time / max(fraction, 1e-9) * (1 - fraction)))")
  }

  private var rate: String { grouped(Int(Double(events) / max(1e-9, seconds(since: start)))) }

  /// Files whose warnings are printed.
  private static let mostWarnings = 8

  /// Warns of events without scores. On rank 0, at the end.
  package func warnOfUndefined() {
    func warn(_ which: KeyPath<UndefinedScores, UndefinedScores.Events>, _ what: String) {
      let found = undefined.values.filter { $0[keyPath: which].count > 0 }.sorted { $0.file < $1.file }
      for scores in found.prefix(Self.mostWarnings) {
        let events = scores[keyPath: which]
        report.warn(
          "\(files[scores.file].path): \(counted(events.count, "event")) of \(grouped(eventsOfFiles[scores.file])), "
            + "first event \(events.first + 1), \(what)")
      }
      if found.count > Self.mostWarnings {
        report.warn("\(counted(found.count - Self.mostWarnings, "more file")) have events that \(what)")
      }
    }
    warn(\.far, "have features so far from the training events that the scores are nan; check these events")
    warn(\.cutAway, "fail data.selection and have features that cannot be computed, so the scores are nan")
  }

  /// What was written, how much and how fast.
  package func printSummary(_ output: String, classNames: [String]) {
    let source = files.count == 1 ? "" : " of \(files.count) files"
    report.print(
      "Wrote \(output): \(grouped(events)) event\(events == 1 ? "" : "s")\(source) × \(classes) probabilities "
        + "\(classNames), \(rate) events/s")
  }
}
