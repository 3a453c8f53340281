extension RunFile {
  /// The section `split`: the fractions of the events of every process that are for training, validation and test.
  /// Together they are 1 (to 10⁻⁶). Default: 0.7, 0.15, 0.15.
  package struct SplitSection: Equatable, Sendable, Codable {
    /// Above 0.
    package var train: Double
    /// 0 or more.
    package var validation: Double
    /// 0 or more.
    package var test: Double
  }
}

extension RunFile.SplitSection {
  init(_ section: RunFileSection) {
    train = section["train"]?.number(.above(0)) ?? 0.7
    validation = section["validation"]?.number(.atLeast(0)) ?? 0.15
    test = section["test"]?.number(.atLeast(0)) ?? 0.15
    let sum = train + validation + test
    if abs(sum - 1) > 1e-6 {
      section.report(
        "train", "+ validation + test is \(Float(sum)) (\(train) + \(validation) + \(test)); make it 1")
    }
  }

  var yaml: String { "split: {train: \(train.yaml), validation: \(validation.yaml), test: \(test.yaml)}" }
}
