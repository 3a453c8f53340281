package import Machine
package import Results

/// What is known of an epoch when it ends: one line of `history.csv`.
package struct EpochRecord: Equatable, Sendable {
  /// The number of the epoch, from 1.
  package var epoch: Int
  /// The learning rate of its last step.
  package var learningRate: Double
  /// The metrics that steps count, for the training events, each with the parameters of its step.
  package var training: MetricValues
  /// Of the validation events; nil without a validation split.
  package var validation: MetricValues?
  /// The wall time of the epoch in seconds, of its part since the last start of the run: the only thing that differs between
  /// two runs.
  package var seconds: Double

  package init(
    epoch: Int, learningRate: Double, training: MetricValues, validation: MetricValues? = nil, seconds: Double
  ) {
    self.epoch = epoch
    self.learningRate = learningRate
    self.training = training
    self.validation = validation
    self.seconds = seconds
  }
}

/// `history.csv`: a line of names, then a line for each epoch, in order.
///
/// The metrics have columns for the training events, where steps count them, and for the validation events. Numbers are in the fewest
/// digits that give the same bits back. A value that is not there is an empty field.
package struct HistoryFile: Sendable {
  package let path: String
  /// How many epochs are in it.
  package private(set) var epochs: Int
  /// The size of their lines and the header, in bytes.
  private var size: Int
  /// Those of the columns.
  private let metrics: [Metric]

  /// Creates or empties the file at `path`, with columns for these metrics.
  package init(creatingAt path: String, _ metrics: [Metric]) throws(FileError) {
    let header = Self.header(metrics)
    try AtomicFile.write(Array(header.utf8), to: path)
    self.path = path
    self.metrics = metrics
    epochs = 0
    size = header.utf8.count
  }

  /// Opens the file at `path` as it was at a checkpoint: with its first `epochs`; later ones are cut off. A file with columns for
  /// other metrics keeps them, after the columns of these; unknown values are NaN.
  ///
  /// - Precondition: `epochs` ≥ 0.
  package init(resumingAt path: String, _ metrics: [Metric], epochs: Int) throws(FileError) {
    precondition(epochs >= 0, "a negative number of epochs")
    let (former, lines) = try Self.lines(path)
    guard lines.count >= epochs else {
      throw .content(
        path: path, problem: "has \(lines.count) epochs, the checkpoint was written after \(epochs)",
        advice: "resume from an older checkpoint or restore the file")
    }
    let metrics = metrics + former.filter { !metrics.contains($0) }
    self.path = path
    self.epochs = epochs
    self.metrics = metrics
    let header = Self.header(metrics)
    guard former == metrics else {
      let text = header + lines.prefix(epochs).map { $0.record.with(metrics).line(columns: metrics.count) }.joined()
      size = text.utf8.count
      try AtomicFile.write(Array(text.utf8), to: path)
      return
    }
    size = lines.prefix(epochs).reduce(header.utf8.count) { $0 + $1.size }
    let file = try OpenFile(path, .update)
    try file.truncate(to: size)
    try file.synchronize()
  }

  /// Appends a line, and waits until it is on disk. If writing fails, the file is as it was.
  ///
  /// - Precondition: `record` is of the next epoch, and the file has columns for all of its metrics.
  package mutating func append(_ record: EpochRecord) throws(FileError) {
    precondition(record.epoch == epochs + 1, "epochs come in order")
    precondition(record.training.metrics.allSatisfy(metrics.contains), "other metrics")
    let line = Array(record.with(metrics).line(columns: metrics.count).utf8)
    let file = try OpenFile(path, .update)
    guard try file.size() == size else {
      throw .content(
        path: path, problem: "was changed by another process", advice: "let only one run write here, and resume it")
    }
    try file.append(line, at: size)
    size += line.count
    epochs += 1
  }

  /// The epochs in the file at `path`, with the metrics that it has columns for. An incomplete last line is
  /// left out.
  package static func read(_ path: String) throws(FileError) -> [EpochRecord] {
    try lines(path).lines.map(\.record)
  }

  /// The metrics that the file at `path` has columns for.
  package static func metrics(_ path: String) throws(FileError) -> [Metric] { try lines(path).metrics }

  /// The first line: a column for each metric of the training and of the validation events.
  private static func header(_ metrics: [Metric]) -> String {
    let columns = metrics.ofSteps.map { "training_\($0.name)" } + metrics.map { "\(validation)\($0.name)" }
    return (["epoch", "learning_rate"] + columns + ["seconds"]).joined(separator: ",") + "\n"
  }

  private static let validation = "validation_"

  /// The metrics of a file with this first line; nil if it is not a history.csv of ours.
  private static func metrics(ofHeader header: String) -> [Metric]? {
    let names = header.split(separator: ",").filter { $0.hasPrefix(validation) }.map { $0.dropFirst(validation.count) }
    let metrics = names.compactMap { Metric(named: String($0)) }
    let isOurs = !metrics.isEmpty && Set(names).count == metrics.count && Self.header(metrics) == header + "\n"
    return isOurs ? metrics : nil
  }

  /// The metrics that the file has columns for, and the whole lines after the header, each with its size in bytes.
  private static func lines(
    _ path: String
  ) throws(FileError) -> (metrics: [Metric], lines: [(size: Int, record: EpochRecord)]) {
    // Bytes, not characters: a String takes CR LF as one character, which is not a newline.
    let bytes = try FileSystem.read(path)
    // What follows the last newline is an incomplete line.
    let parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
    guard let first = parts.first, let metrics = metrics(ofHeader: String(decoding: first, as: UTF8.self)) else {
      throw unknown(path, line: 1)
    }
    var lines: [(size: Int, record: EpochRecord)] = []
    for line in parts.dropFirst() {
      let record = EpochRecord(line: String(decoding: line, as: UTF8.self), metrics)
      guard let record, record.epoch == lines.count + 1 else { throw unknown(path, line: lines.count + 2) }
      lines.append((line.count + 1, record))
    }
    return (metrics, lines)
  }

  private static func unknown(_ path: String, line: Int) -> FileError {
    .content(
      path: path, problem: "line \(line) is not a line of a history.csv of dist-train",
      advice: "restore the file or start a new run")
  }
}

extension EpochRecord {
  /// The same with these metrics, whose values are NaN where they are not known.
  fileprivate func with(_ metrics: [Metric]) -> EpochRecord {
    var record = self
    record.training = MetricValues(values: metrics.ofSteps.map { training[$0] }, of: metrics.ofSteps)
    record.validation = validation.map { values in MetricValues(values: metrics.map { values[$0] }, of: metrics) }
    return record
  }

  /// The line of a file with columns for so many metrics of the validation events, which are empty where there are none.
  fileprivate func line(columns: Int) -> String {
    let none = Array(repeating: "", count: columns)
    let metrics = training.values.map { "\($0)" } + (validation?.values.map { "\($0)" } ?? none)
    return (["\(epoch)", "\(learningRate)"] + metrics + ["\(seconds)"]).joined(separator: ",") + "\n"
  }

  fileprivate init?(line: String, _ metrics: [Metric]) {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    let ofSteps = metrics.ofSteps
    guard fields.count == 3 + ofSteps.count + metrics.count, let epoch = Int(fields[0]),
      let learningRate = Double(fields[1]), let seconds = fields.last.flatMap({ Double($0) })
    else { return nil }
    let training = fields[2..<2 + ofSteps.count].compactMap { Double($0) }
    let texts = fields.dropLast().suffix(metrics.count)
    let validation = texts.compactMap { Double($0) }
    // All of them, or none.
    guard training.count == ofSteps.count, validation.count == metrics.count || texts.allSatisfy(\.isEmpty) else {
      return nil
    }
    self.init(
      epoch: epoch, learningRate: learningRate, training: MetricValues(values: training, of: ofSteps),
      validation: validation.count == metrics.count ? MetricValues(values: validation, of: metrics) : nil,
      seconds: seconds)
  }
}
