package import Machine
import NeuralNetwork
import Results

/// Everything that decides a run: what is read, the network, how it is trained, where the results go.
///
/// It is read from YAML. Every key but `data.processes` and `data.features` has a default, which is the value that
/// `data/hh-bbww.yaml` shows; that file explains all keys. A key that does not exist is an error, and any key can be
/// overridden.
package struct RunFile: Equatable, Sendable, Codable {
  /// The name of the run and of its folder below the output directory: by default the run file's name without
  /// `.yaml` or `.yml`. No slash, no leading dot, at most 100 bytes.
  package var name: String
  /// The events.
  package var data: DataSection
  /// Which part of the events is for what.
  package var split: SplitSection
  /// The network, without its input and output layer: those follow from the features and processes.
  package var network: NetworkSection
  /// How the network is trained.
  package var training: TrainingSection
  /// What an evaluation finds out.
  package var evaluation: EvaluationSection
  /// Where and how often results are written.
  package var output: OutputSection
  /// What it does about ranks that hang or differ.
  package var safety: SafetySection
  /// The keys whose values are defaults, such as `network.hidden`; `network` where the whole section is left out. Equal runs
  /// may differ in them.
  package private(set) var defaults: [String]

  /// Reads the run file at `path` and puts the overrides in place.
  ///
  /// - Parameters:
  ///   - path: The run file, at most 1 MB of UTF-8. Relative to the working directory, if it is relative.
  ///   - overrides: What `--section.key=value` said, without the dashes and in the order of the command line; the last
  ///     one of a key wins. The value is YAML: `5`, `[64, 64]`, `{step: {factor: 0.5, every: 10}}`.
  ///   - isSaved: Whether a run has written it. Up to version 0.6 these had no `split.seed`, and `training.seed` divided the events.
  /// - Throws: The first problem, as one line with its place. Exit code 66 where the file cannot be read, else 64.
  package init(
    contentsOf path: String, overrides: [(key: String, value: String)] = [], isSaved: Bool = false
  ) throws(RunFileError) {
    try self.init(RunFileText(contentsOf: path), named: path, overrides: overrides, isSaved: isSaved)
  }

  /// The bytes of the file at `path`, as far as a run file may be large.
  package static func bytes(of path: String) throws(FileError) -> [UInt8] {
    try OpenFile(path, .read).read(count: RunFileText.largestSize + 1)
  }

  /// The run file whose text is `yaml`, as if it stood in a file at the path `name`.
  package init(
    yaml: String, named name: String, overrides: [(key: String, value: String)] = [], isSaved: Bool = false
  ) throws(RunFileError) {
    try self.init(RunFileText(yaml, named: name), named: name, overrides: overrides, isSaved: isSaved)
  }

  private init(
    _ yaml: RunFileText, named file: String, overrides: [(key: String, value: String)], isSaved: Bool
  ) throws(RunFileError) {
    let document = try RunFileDocument(yaml: yaml.text, named: file, overrides: overrides)
    self.init(document, named: file)
    if isSaved, hasDefaultSplitSeed { split.seed = training.seed }
    if let error = document.firstError { throw error }
    // The run writes it, with every key, and has to be able to read it.
    try RunFileText.check(size: self.yaml().utf8.count, of: file)
  }

  /// Reads all that is in `document`, which notes what is wrong and which keys there are.
  init(_ document: RunFileDocument, named file: String) {
    let top = RunFileSection(path: [], node: document.root, document: document)
    name = top["name"]?.text() ?? Self.defaultName(for: file)
    data = top.section("data") { DataSection($0, folder: Path.folder(of: file)) }
    split = top.section("split", SplitSection.init)
    let features = data.inputNames.count
    network = top.section("network") { NetworkSection($0, features: features) }
    let classes = data.classNames.count
    training = top.section("training") { TrainingSection($0, classes: classes) }
    let names = data.classNames
    evaluation = top.section("evaluation") { EvaluationSection($0, classNames: names) }
    output = top.section("output", OutputSection.init)
    safety = top.section("safety", SafetySection.init)
    if !split.hasValidation, let need = training.needOfValidation {
      top.report("training", "has \(need), which needs validation events; raise split.validation")
    }
    if split.by == .event && data.event.isEmpty {
      top.report("split", "by event needs the identities of events; name their columns in data.event")
    }
    if name.contains("/") || name.hasPrefix(".") || name.utf8.count > 100 {
      top.report("name", "is \(name.quoted); give a folder name: no slash, no leading dot, at most 100 bytes")
    }
    top.finish()
    defaults = document.defaults
  }

  /// Whether the file leaves out the seed of the split.
  package var hasDefaultSplitSeed: Bool { defaults.contains("split") || defaults.contains("split.seed") }

  package static func == (first: RunFile, second: RunFile) -> Bool {
    first.name == second.name && first.data == second.data && first.split == second.split
      && first.network == second.network && first.training == second.training
      && first.evaluation == second.evaluation && first.output == second.output
      && first.safety == second.safety
  }

  /// Whether all is equal but what an evaluation finds out.
  package func isSameTraining(as other: RunFile) -> Bool {
    var same = self
    same.evaluation = other.evaluation
    return same == other
  }

  private static func defaultName(for file: String) -> String {
    let name = file.split(separator: "/").last ?? ""
    return String([".yaml", ".yml"].first(where: name.hasSuffix).map { name.dropLast($0.count) } ?? name)
  }
}
