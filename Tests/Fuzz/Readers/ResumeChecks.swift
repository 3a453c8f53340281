import Machine
import Results
import Runs

extension FuzzReader {
  /// A file that is accepted is cut back to where a checkpoint left it and grows again; one that is refused stays as it was.
  func checkResume(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    let costs = try checkCosts(bytes, in: folder)
    let history = try checkHistory(bytes, in: folder)
    return costs || history
  }

  private func checkCosts(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    let path = try folder.write("costs.npy", bytes)
    let costs: [Double]
    do { costs = try CostsFile.read(path) } catch {
      try requireRefused(error, path, bytes, in: folder) { try CostsFile(resumingAt: path, count: 0) }
      return false
    }
    do {
      try requireRefused(nil, path, bytes, in: folder) { try CostsFile(resumingAt: path, count: costs.count + 1) }
      for count in [costs.count, costs.count / 2, 0] {
        var file = try CostsFile(resumingAt: path, count: count)
        try require(same(try CostsFile.read(path), costs.prefix(count)), "\(count) costs were not kept")
        try file.append([0.5])
        try require(same(try CostsFile.read(path), costs.prefix(count) + [0.5]), "a cost was not appended to \(count)")
      }
    } catch let error as FileError {
      throw Violation("costs.npy was accepted, then: \(error)")
    }
    return true
  }

  private func checkHistory(_ bytes: [UInt8], in folder: FuzzFolder) throws -> Bool {
    let path = try folder.write("history.csv", bytes)
    let records: [EpochRecord]
    let metrics: [Metric]
    do { (metrics, records) = (try HistoryFile.metrics(path), try HistoryFile.read(path)) } catch {
      try requireRefused(error, path, bytes, in: folder) { try HistoryFile(resumingAt: path, [.loss], epochs: 0) }
      return false
    }
    do {
      try requireRefused(nil, path, bytes, in: folder) {
        try HistoryFile(resumingAt: path, metrics, epochs: records.count + 1)
      }
      let next = EpochRecord(
        epoch: 1, learningRate: 0.1,
        training: MetricValues(values: metrics.ofSteps.map { _ in 0.5 }, of: metrics.ofSteps),
        validation: MetricValues(values: metrics.map { _ in 0.25 }, of: metrics),
        seconds: 3)
      for count in [records.count, records.count / 2, 0] {
        var file = try HistoryFile(resumingAt: path, metrics, epochs: count)
        try require(same(try HistoryFile.read(path), records.prefix(count)), "\(count) epochs were not kept")
        var record = next
        record.epoch = count + 1
        try file.append(record)
        try require(same(try HistoryFile.read(path), records.prefix(count) + [record]), "an epoch was not appended")
      }
      var rewritten = try HistoryFile(creatingAt: path, metrics)
      for record in records { try rewritten.append(record) }
      try require(same(try HistoryFile.read(path), records[...]), "written again, the epochs are others")
      // With other metrics the epochs are the same.
      _ = try HistoryFile(resumingAt: path, [.auc, .loss], epochs: records.count)
      try require(
        try HistoryFile.read(path).map(\.epoch) == records.map(\.epoch), "with other metrics, epochs are lost")
    } catch let error as FileError {
      throw Violation("history.csv was accepted, then: \(error)")
    }
    return true
  }
}

/// `resume` is refused, and with it the file is as it was.
private func requireRefused<File>(
  _ error: FileError?, _ path: String, _ bytes: [UInt8], in folder: FuzzFolder, _ resume: () throws -> File
) throws {
  if let error {
    try require(error.exitCode == .badData, "\(error) has exit code \(error.exitCode)")
    try requireOneLine("\(error)")
  }
  var refused = false
  do { _ = try resume() } catch let error as FileError {
    refused = error.exitCode == .badData
    try requireOneLine("\(error)")
  }
  try require(refused, "a run was resumed from a file that is not there to be resumed from")
  try require(try FileSystem.read(path) == bytes, "a file that was refused was changed")
}

private func same(_ a: [Double], _ b: some Collection<Double>) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}

/// NaN is as good as NaN.
private func same(_ a: [EpochRecord], _ b: some Collection<EpochRecord>) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { "\($0)" == "\($1)" }
}
