package import Events
import Machine

extension RunFile {
  /// The section `split`: which events of every process are for training, validation and test.
  package struct SplitSection: Equatable, Sendable, Codable {
    /// Fractions, together 1 (to 10⁻⁶). Default: 0.7, 0.15, 0.15. Above 0; ignored if a column or files decide.
    package var train: Double
    /// 0 or more.
    package var validation: Double
    /// 0 or more.
    package var test: Double
    /// What decides. Default: random.
    package var by: By
    /// Decides random divisions. Default: 42, so that trainings with other seeds share their test events.
    package var seed: UInt64

    package enum By: Equatable, Sendable, Codable {
      /// Random, by the number of the event in its process.
      case random
      /// Random, by the identity of the event (`data.event`).
      case event
      /// The value of a column.
      case column(String, train: [String], validation: [String], test: [String])
      /// The file: names as in `data.processes`, where `*` stands for any text. The others are for training.
      case files(validation: [String], test: [String])
    }
  }
}

extension RunFile.SplitSection {
  init(_ section: RunFileSection) {
    let (train, validation, test) = (section["train"], section["validation"], section["test"])
    self.train = train?.number(.above(0)) ?? 0.7
    self.validation = validation?.number(.atLeast(0)) ?? 0.15
    self.test = test?.number(.atLeast(0)) ?? 0.15
    by = section["by"]?.splitRule() ?? .random
    seed = section["seed"]?.integer(0...UInt64.max) ?? 42
    switch by {
    case .random, .event:
      let sum = self.train + self.validation + self.test
      if abs(sum - 1) > 1e-6 {
        section.report(
          "train",
          "+ validation + test is \(Float(sum)) (\(self.train) + \(self.validation) + \(self.test)); make it 1")
      }
    case .column, .files:
      for (key, isThere) in [("train", train != nil), ("validation", validation != nil), ("test", test != nil)]
      where isThere {
        section.report(key, "is a fraction, but split.by already assigns the events; remove it")
      }
    }
  }

  /// Whether there are to be validation events.
  var hasValidation: Bool { split(in: "").isFor(.validation) }

  /// The division, for files whose paths start in a directory.
  package func split(in directory: String) -> Split {
    Split(train: train, validation: validation, test: test, by: rule(in: directory))
  }

  private func rule(in directory: String) -> SplitRule {
    switch by {
    case .random: .random
    case .event: .identity
    case .column(let name, let train, let validation, let test):
      .column(CategoryColumn(column: name, key: "split.by", values: [train, validation, test]))
    case .files(let validation, let test):
      .files(
        validation: ProcessFiles(name: "", files: validation).paths(in: directory),
        test: ProcessFiles(name: "", files: test).paths(in: directory))
    }
  }

  var yaml: String {
    let shares = "train: \(train.yaml), validation: \(validation.yaml), test: \(test.yaml), "
    let rule =
      switch by {
      case .random: "\(shares)by: random"
      case .event: "\(shares)by: event"
      case .column(let name, let train, let validation, let test):
        "by: {column: \(name.yaml), train: \(train.yaml), validation: \(validation.yaml), test: \(test.yaml)}"
      case .files(let validation, let test):
        "by: {files: {validation: \(validation.yaml), test: \(test.yaml)}}"
      }
    return "split: {\(rule), seed: \(seed)}"
  }
}

extension RunFileValue {
  fileprivate func splitRule() -> RunFile.SplitSection.By? {
    guard isSection else {
      return variant(
        ["random": .random, "event": .event], [:],
        expected:
          "random, event, {column: c, train: [0], validation: [1], test: [2]} or {files: {validation: [a], test: [b]}}")
    }
    return section { section in
      if let files = section["files"] {
        return files.section { files in
          .files(
            validation: files["validation"]?.list(orEmpty: true) { $0.filePath() } ?? [],
            test: files["test"]?.list(orEmpty: true) { $0.filePath() } ?? [])
        }
      }
      let column = section["column"]?.text() ?? section.missing("column", example: "c", "")
      let values = { (key: String) in section[key]?.list(orEmpty: true) { $0.text() } }
      let train = section["train"]?.list { $0.text() } ?? section.missing("train", example: "[0]", [])
      let (validation, test) = (values("validation") ?? [], values("test") ?? [])
      let groups = CategoryColumn(column: column, key: "split.by", values: [train, validation, test])
      if let (value, _) = groups.collision {
        section.report("train", "and validation and test list \(value.quoted) twice; a value has one part")
      }
      return .column(column, train: train, validation: validation, test: test)
    }.flatMap { $0 }
  }
}
