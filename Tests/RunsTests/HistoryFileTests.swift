import Foundation
import Machine
import Results
import Runs
import Testing
import TestSupport

private let metrics: [Metric] = [.loss, .accuracy]

struct HistoryFileTests {
  private let header =
    "epoch,learning_rate,training_loss,training_accuracy,validation_loss,validation_accuracy,seconds\n"
  private let records = [
    EpochRecord(
      epoch: 1, learningRate: 0.05, training: MetricValues(values: [1 / 3, 0.5], of: metrics),
      validation: MetricValues(values: [1e-20, 0.25], of: metrics),
      seconds: 1.5),
    EpochRecord(
      epoch: 2, learningRate: .leastNonzeroMagnitude, training: MetricValues(values: [.infinity, 1], of: metrics),
      seconds: 0.1),
    EpochRecord(
      epoch: 3, learningRate: 0.1, training: MetricValues(values: [123456789.123, 0.1], of: metrics),
      validation: MetricValues(values: [2, 0], of: metrics),
      seconds: 3),
  ]

  private func file(_ path: String, _ records: ArraySlice<EpochRecord>) throws -> HistoryFile {
    var file = try HistoryFile(creatingAt: path, metrics)
    for record in records { try file.append(record) }
    return file
  }

  @Test func hasALineForEachEpoch() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      _ = try file(path, records[...])
      let text = """
        1,0.05,0.3333333333333333,0.5,1e-20,0.25,1.5
        2,5e-324,inf,1.0,,,0.1
        3,0.1,123456789.123,0.1,2.0,0.0,3.0

        """
      #expect(String(decoding: try contents(path), as: UTF8.self) == header + text)
      #expect(try HistoryFile.read(path) == records)
    }
  }

  @Test func isReadByPython() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      _ = try file(path, records[...])
      let script = """
        import csv, sys, numpy
        rows = list(csv.DictReader(open(sys.argv[1])))
        assert [int(row['epoch']) for row in rows] == [1, 2, 3]
        assert float(rows[0]['training_loss']) == 1 / 3 and rows[1]['validation_accuracy'] == ''
        table = numpy.genfromtxt(sys.argv[1], delimiter=',', names=True)
        assert table['learning_rate'].tolist() == [0.05, 5e-324, 0.1] and numpy.isnan(table['validation_loss'][1])
        print(table.dtype.names)
        """
      #expect(
        try python(script, path) == """
          ('epoch', 'learning_rate', 'training_loss', 'training_accuracy', 'validation_loss', 'validation_accuracy', \
          'seconds')

          """)
    }
  }

  @Test func keepsNotANumber() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      var file = try HistoryFile(creatingAt: path, metrics)
      try file.append(
        EpochRecord(
          epoch: 1, learningRate: 1, training: MetricValues(values: [.nan, 0], of: metrics),
          validation: MetricValues(values: [.nan, 1], of: metrics), seconds: 0))
      let record = try #require(try HistoryFile.read(path).first)
      #expect(record.training["loss"]?.isNaN == true && record.validation?["loss"]?.isNaN == true)
    }
  }

  @Test(arguments: ["", "3", "3,0.1,12345", "3,0.1,123456789.123,0.1,2.0,0.0,3.0"])
  func isCutBackOnResume(torn: String) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      for epochs in 0...2 {
        _ = try file(path, records.prefix(2))
        let whole = try contents(path)
        try put(whole + Array(torn.utf8), path)
        #expect(try HistoryFile.read(path) == Array(records.prefix(2)))
        var resumed = try HistoryFile(resumingAt: path, metrics, epochs: epochs)
        #expect(resumed.epochs == epochs)
        #expect(whole.starts(with: try contents(path)))
        for record in records.dropFirst(epochs) { try resumed.append(record) }
        #expect(try HistoryFile.read(path) == records)
      }
      #expect(throws: FileError.self) { try HistoryFile(resumingAt: path, metrics, epochs: 4) }
      #expect(try HistoryFile.read(path) == records)
    }
  }

  /// Metrics that steps do not count have a column for the validation events alone.
  @Test func columnsFollowTheChosenMetrics() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      let chosen: [Metric] = [.auc, .weightedAccuracy, .loss]
      var file = try HistoryFile(creatingAt: path, chosen)
      let record = EpochRecord(
        epoch: 1, learningRate: 0.5, training: MetricValues(values: [2], of: [.loss]),
        validation: MetricValues(values: [0.75, .nan, 3], of: chosen), seconds: 1)
      try file.append(record)
      try file.append(EpochRecord(epoch: 2, learningRate: 0.5, training: record.training, seconds: 1))
      #expect(
        String(decoding: try contents(path), as: UTF8.self) == """
          epoch,learning_rate,training_loss,validation_auc,validation_weighted_accuracy,validation_loss,seconds
          1,0.5,2.0,0.75,nan,3.0,1.0
          2,0.5,2.0,,,,1.0

          """)
      #expect(try HistoryFile.metrics(path) == chosen)
      let read = try HistoryFile.read(path)
      #expect(read[0].validation?[.auc] == 0.75 && read[0].validation?[.weightedAccuracy].isNaN == true)
      #expect(read[1].validation == nil && read[1].training == record.training)
    }
  }

  /// A run that continues with other metrics keeps the values of earlier epochs, column by column.
  @Test func goesOnWithOtherMetrics() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      let other: [Metric] = [.loss, .auc]
      _ = try file(path, records[...])
      // No more epochs than there are, and the file is as it was.
      let before = try contents(path)
      #expect(throws: FileError.self) { try HistoryFile(resumingAt: path, other, epochs: 4) }
      #expect(try contents(path) == before)
      var resumed = try HistoryFile(resumingAt: path, other, epochs: 2)
      #expect(
        String(decoding: try contents(path), as: UTF8.self) == """
          epoch,learning_rate,training_loss,training_accuracy,validation_loss,validation_auc,validation_accuracy,seconds
          1,0.05,0.3333333333333333,0.5,1e-20,nan,0.25,1.5
          2,5e-324,inf,1.0,,,,0.1

          """)
      try resumed.append(
        EpochRecord(
          epoch: 3, learningRate: 1, training: MetricValues(values: [4], of: [.loss]),
          validation: MetricValues(values: [5, 0.5], of: other), seconds: 2))
      let read = try HistoryFile.read(path)
      #expect(read.map { $0.validation?[.auc] }.last == 0.5)
      #expect(read[0].training[.accuracy] == records[0].training[.accuracy] && read[2].training[.accuracy].isNaN)
      #expect(try contents(path).count == String(decoding: contents(path), as: UTF8.self).utf8.count)
    }
  }

  @Test func refusesToFollowASecondWriter() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      var first = try file(path, records.prefix(1))
      var second = first
      try first.append(records[1])
      #expect(throws: FileError.self) { try second.append(records[1]) }
      try put(contents(path).dropLast(3), path)
      #expect(throws: FileError.self) { try first.append(records[2]) }
      #expect(try HistoryFile.read(path) == Array(records.prefix(1)))
    }
  }

  @Test(arguments: [
    ("", 1), ("epoch\n", 1), ("epoch,learning_rate,seconds\n", 1),
    ("epoch,learning_rate,training_loss,training_loss,validation_loss,validation_loss,seconds\n", 1),
    ("epoch,learning_rate,training_auc,validation_auc,seconds\n", 1), ("1,2,3,4,5,6\n", 2), ("1,2,3,4,5,6,7,8\n", 2),
    ("2,1,1,1,1,1,1\n", 2),
    ("1,1,1,1,1,1,1\n1,1,1,1,1,1,1\n", 3), ("1,1,x,1,1,1,1\n", 2), ("1,1,1,1,x,1,1\n", 2), ("1,1,1,1,,1,1\n", 2),
    ("1,,1,1,1,1,1\n", 2),
    ("\n", 2), ("1,1,1,1,1,1,1\r\n", 2), ("1,1,1,1,1,1,\u{FFFD}\n", 2),
  ])
  func refusesWhatItDidNotWrite(text: String, line: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/history.csv"
      try put(Array((line == 1 ? text : header + text).utf8), path)
      let error = try #require(throws: FileError.self) { try HistoryFile.read(path) }
      #expect(error.exitCode == .badData)
      #expect("\(error)".contains("\(path): line \(line) is not"))
      #expect(throws: error) { try HistoryFile(resumingAt: path, metrics, epochs: 0) }
    }
  }
}
