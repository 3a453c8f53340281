import Events
import FoundationEssentials
import KernelOperands
import Machine
import NeuralNetwork
import RunFiles
import Testing

@Suite struct RunFileOverrideTests {
  func run(_ overrides: (key: String, value: String)...) throws(RunFileError) -> RunFile {
    try RunFile(yaml: fullest, named: "/folder/run.yaml", overrides: overrides)
  }

  @Test func `plain values, lists, sections and absent sections are overridden`() throws {
    #expect(try run(("training.epochs", "5")).training.epochs == 5)
    let network = try run(("network.hidden", "[64,64, 8]"), ("network.activation", "relu")).network
    #expect(network.hidden == [64, 64, 8].map { .init(units: $0, activation: .relu, dropout: 0.1) })
    let processes = try run(("data.processes", "[{name: p, files: [1.txt]}, {name: q, files: [2.txt]}]")).data.processes
    #expect(processes.map(\.name) == ["p", "q"])
    let optimizer = try run(("training.optimizer", "{momentum: 0.1}")).training.optimizer
    #expect(optimizer.sgd.momentum == 0.1 && optimizer.learningRate == 0.05 && !optimizer.sgd.nesterov)
    let absent = try RunFile(
      yaml: shortest, named: "a.yaml", overrides: [("training.optimizer.learning_rate", "0.25")])
    #expect(absent.training.optimizer.learningRate == 0.25)
  }

  @Test func `the last one wins, and the rest of the file stays`() throws {
    let run = try run(("training.epochs", "5"), ("name", "x"), ("training.epochs", "6"))
    var expected = try self.run()
    expected.name = "x"
    expected.training.epochs = 6
    #expect(run == expected)
  }

  @Test func `a name gives way to parameters`() throws {
    let run = try RunFile(
      yaml: shortest + "\ntraining: {schedule: constant}", named: "a.yaml",
      overrides: [("training.schedule.cosine.final", "0.5")])
    #expect(run.training.schedule == .cosine(final: 0.5))
  }

  @Test func `a directory on the command line is relative to the working directory`() throws {
    let here = FileManager.default.currentDirectoryPath
    #expect(try run(("data.directory", "events/small")).data.directory == here + "/events/small")
    #expect(try run(("data.directory", "/events")).data.directory == "/events")
  }

  static let wrong: [(key: String, value: String, message: String)] = [
    ("training.epochs", "abc", "training.epochs is 'abc'; give a whole number from 0 to 1000000000"),
    ("training.epochs", "", "training.epochs is empty; give a whole number from 0 to 1000000000"),
    ("training.epoch", "5", "unknown key 'epoch' in training; did you mean 'epochs'?"),
    ("epochs", "5", "unknown key 'epochs'; did you mean 'training.epochs'?"),
    ("lr", "5", "unknown key 'lr'; known here: name, data, split, network, training, evaluation, output, safety"),
    ("", "5", "unknown key ''; known here: name, data, split, network, training, evaluation, output, safety"),
    (
      "training.", "5",
      "unknown key '' in training; known here: loss, label_smoothing, focal_gamma, event_weights, optimizer, l2, schedule, "
        + "warmup_epochs, batch_size, epochs, early_stopping, metrics, monitor, shuffle, class_weights, seed, block, reduction"
    ),
    (
      "training.optimizer", "{momentum: 0.1, nestrov: true}",
      "unknown key 'nestrov' in training.optimizer; did you mean 'nesterov'?"
    ),
    (
      "training", "{optimizer: {momentum: 1}}",
      "training.optimizer.momentum is '1'; give a number of at least 0 and below 1"
    ),
    ("data.processes.0.name", "x", "data.processes is a list; override it as a whole: '--data.processes=[…]'"),
    (
      "data", "{features: [x]}",
      "data.processes is missing; add 'processes: [{name: signal, files: [signal.txt]}, …]'"
    ),
    ("training.epochs.x", "3", "training.epochs is a section; give a whole number from 0 to 1000000000"),
    (
      "network.hidden", "[64,",
      "while parsing a flow node, did not find expected node content; check indentation, colons, brackets and quotes"
    ),
    (
      "name", "*x",
      "aliases such as '*x' are not supported; repeat the value, or put a text that starts with * in quotes"
    ),
    ("name", "&x y", "anchors such as '&x' are not supported; remove it, and put a text that starts with & in quotes"),
    ("name", "%x", "directives (lines that start with %) are not supported; remove the line"),
    ("name", "'a' b", "more text follows the end of the value; remove it, or put the whole value in quotes"),
    ("name", "{a: 1, a: 2}", "the key 'a' occurs twice in this section; keep one"),
    ("network.hidden", "!x [1]", "network.hidden is tagged '!x'; give a list such as [30, 30]"),
    ("name", "a/b", "name is 'a/b'; give a folder name: no slash, no leading dot, at most 100 bytes"),
    (
      "split.train", "0.6",
      "split.train + validation + test is 1.1 (0.6 + 0.25 + 0.25); make it 1"
    ),
  ]

  @Test func `a section that only overrides made is wrong where they are`() {
    let error = #expect(throws: RunFileError.self) {
      try RunFile(yaml: shortest, named: "a.yaml", overrides: [("split.test", "0.3")])
    }
    #expect(
      error?.description
        == "--split.test=0.3: split.train + validation + test is 1.15 (0.7 + 0.15 + 0.3); make it 1")
  }

  @Test func `a long override is cut in its error`() {
    let error = #expect(throws: RunFileError.self) { try run(("name", String(repeating: "a/", count: 50_000))) }
    #expect(error?.place == "--name=" + String(repeating: "a/", count: 96) + "a…")
    #expect(error?.message.hasPrefix("name is 'a/a/") == true)
  }

  @Test func `overrides of thousands of keys and of accents are refused at once`() {
    // Each would take minutes if its time grew with the square of its size.
    let keys = (0..<50_000).map { (key: "training.x\($0)", value: "1") }
    let error = #expect(throws: RunFileError.self) {
      try RunFile(yaml: shortest, named: "a.yaml", overrides: keys)
    }
    #expect(error?.description.hasPrefix("--training.x0=1: unknown key 'x0' in training; known here:") == true)
    let accents = "e" + String(repeating: "\u{301}\u{323}", count: 100_000)
    #expect(throws: RunFileError.self) { try run((accents, "1"), ("data.\(accents)", "1")) }
    #expect(throws: RunFileError.self) { try run(("name", accents)) }
  }

  @Test(arguments: wrong) func `errors name the override`(_ wrong: (key: String, value: String, message: String)) {
    let error = #expect(throws: RunFileError.self) { try run((wrong.key, wrong.value)) }
    #expect(error?.description == "--\(wrong.key)=\(wrong.value): \(wrong.message)")
    #expect(error?.exitCode == .usage)
  }
}
