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
/// **One writer.** Each rank could write its own rows into a shared file, as their places are known. But the scores of a billion events
/// with four classes are 16 GB. Rank 0 needs 8 s to receive them through a link of 2 GB/s, and 8 to 16 s to write them to a parallel file
/// system with 1 to 2 GB/s for a file; 10,000 writers are no faster unless the file is striped. Reading the 60 GB of inputs takes longer.
/// With one writer, CSV, archives and pipes go the same way; the rank that reports sees that a disk is full; and no rank of
/// another host can leave a half-written file behind, or has to see the temporary file of rank 0 at once, which NFS does not promise.
package struct Prediction: ~Copyable {
  let files: [InputFile]
  let inputs: InputFiles
  let format: ScoresFormat
  let classes: Int
  private var scorer: Scorer
  let report: Console

  /// The events so far, and those with undefined scores by the number of the file; on rank 0.
  private(set) var events = 0
  private(set) var eventsOfFiles: [Int]
  private(set) var undefined: [Int: UndefinedScores] = [:]
  /// The bytes of the files that are done.
  var bytesRead = 0.0
  let start = ContinuousClock.now

  /// Most chunks that a rank has in a round, each of a file of its own, perhaps.
  static let mostChunks = 128
  /// Most bytes of rows of a round on rank 0.
  private static let roundBytes = 1 << 28

  /// Chunks whose rows rank 0 can hold.
  var chunksOfRound: Int {
    max(1, Int(Double(Self.roundBytes) / (Double(EventChunks.size * classes) * format.bytesPerValue)))
  }

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

  // MARK: Chunks

  /// Some events that are at hand, and the number that event 0 of `inputs` has in its file.
  struct Part {
    var inputs: InputEvents
    var events: Range<Int>
    var file: Int
    var first: Int
  }

  /// Scores parts, with all threads.
  mutating func score(_ parts: [Part], _ network: borrowing Network) -> ScoredRound {
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

  mutating func take(_ notes: ScoredRound.Notes) throws {
    if let failure = notes.failure { throw failure }
    for found in notes.undefined {
      if undefined[found.file]?.add(found) == nil { undefined[found.file] = found }
    }
  }

  mutating func count(_ events: Int, ofFile file: Int) {
    self.events += events
    eventsOfFiles[file] += events
  }
}
