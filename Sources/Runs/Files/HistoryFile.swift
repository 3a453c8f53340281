package import Machine
package import Results

/// What is known of an epoch when it ends: one line of `history.csv`.
package struct EpochRecord: Equatable, Sendable {
  /// The number of the epoch, from 1.
  package var epoch: Int
  /// The learning rate of its last step.
  package var learningRate: Double
  /// Of the training events, each with the parameters of its step.
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
/// Numbers are in the fewest digits that give the same bits back. A value that is not there is an empty field.
package struct HistoryFile: Sendable {
  package let path: String
  /// How many epochs are in it.
  package private(set) var epochs: Int
  /// The size of their lines and the header, in bytes.
  private var size: Int

  /// Makes the file at `path` one without epochs.
  package init(creatingAt path: String) throws(FileError) {
    try AtomicFile.write(Array(Self.header.utf8), to: path)
    self.path = path
    epochs = 0
    size = Self.header.utf8.count
  }

  /// Takes up the file at `path` where a checkpoint left it: with its first `epochs`; later ones are cut off.
  ///
  /// - Precondition: `epochs` ≥ 0.
  package init(resumingAt path: String, epochs: Int) throws(FileError) {
    precondition(epochs >= 0, "a file has no fewer than no epochs")
    let lines = try Self.lines(path)
    guard lines.count >= epochs else {
      throw .content(
        path: path, problem: "has \(lines.count) epochs, the checkpoint was written after \(epochs)",
        advice: "resume from an older checkpoint or bring the file back")
    }
    self.path = path
    self.epochs = epochs
    size = lines.prefix(epochs).reduce(Self.header.utf8.count) { $0 + $1.size }
    let file = try OpenFile(path, .update)
    try file.truncate(to: size)
    try file.synchronize()
  }

  /// Appends a line, and waits until the disk has it. Where the disk does not take it, the file is as it was.
  ///
  /// - Precondition: `record` is of the next epoch.
  package mutating func append(_ record: EpochRecord) throws(FileError) {
    precondition(record.epoch == epochs + 1, "epochs come in order")
    let line = Array(record.line.utf8)
    let file = try OpenFile(path, .update)
    guard try file.size() == size else {
      throw .content(
        path: path, problem: "was changed by somebody else", advice: "let only one run write here, and resume it")
    }
    try file.append(line, at: size)
    size += line.count
    epochs += 1
  }

  /// The epochs in the file at `path`. A last line that was not written to its end is left out.
  package static func read(_ path: String) throws(FileError) -> [EpochRecord] {
    try lines(path).map(\.record)
  }

  /// A column for each metric of the training and of the validation events.
  private static let header: String = {
    let metrics = ["training", "validation"].flatMap { part in Metric.all.map { "\(part)_\($0.name)" } }
    return (["epoch", "learning_rate"] + metrics + ["seconds"]).joined(separator: ",") + "\n"
  }()

  /// The whole lines after the header, each with its size in bytes.
  private static func lines(_ path: String) throws(FileError) -> [(size: Int, record: EpochRecord)] {
    // Bytes, not characters: to a String a carriage return and a newline are one, which is no newline.
    let bytes = try FileSystem.read(path)
    guard bytes.starts(with: header.utf8) else { throw unknown(path, line: 1) }
    var lines: [(size: Int, record: EpochRecord)] = []
    let rest = bytes.dropFirst(header.utf8.count)
    for line in rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      guard let record = EpochRecord(line: String(decoding: line, as: UTF8.self)), record.epoch == lines.count + 1
      else { throw unknown(path, line: lines.count + 2) }
      lines.append((line.count + 1, record))
    }
    return lines
  }

  private static func unknown(_ path: String, line: Int) -> FileError {
    .content(
      path: path, problem: "line \(line) is not of a history.csv of dist-train",
      advice: "bring the file back or start a new run")
  }
}

extension EpochRecord {
  fileprivate var line: String {
    let none = Metric.all.map { _ in "" }
    let metrics = training.values.map { "\($0)" } + (validation?.values.map { "\($0)" } ?? none)
    return (["\(epoch)", "\(learningRate)"] + metrics + ["\(seconds)"]).joined(separator: ",") + "\n"
  }

  fileprivate init?(line: String) {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    let count = Metric.all.count
    guard fields.count == 3 + 2 * count, let epoch = Int(fields[0]), let learningRate = Double(fields[1]),
      let seconds = fields.last.flatMap({ Double($0) })
    else { return nil }
    let training = fields[2..<2 + count].compactMap { Double($0) }
    let texts = fields[2 + count..<2 + 2 * count]
    let validation = texts.compactMap { Double($0) }
    // All of them, or none.
    guard training.count == count, validation.count == count || texts.allSatisfy(\.isEmpty) else { return nil }
    self.init(
      epoch: epoch, learningRate: learningRate, training: MetricValues(values: training),
      validation: validation.count == count ? MetricValues(values: validation) : nil, seconds: seconds)
  }
}
