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
    #expect(network.hidden == [64, 64, 8] && network.activations == [.relu, .relu, .relu])
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
    ("lr", "5", "unknown key 'lr'; known here: name, data, split, network, training, output, safety"),
    ("", "5", "unknown key ''; known here: name, data, split, network, training, output, safety"),
    (
      "training.", "5",
      "unknown key '' in training; known here: loss, optimizer, schedule, warmup_epochs, batch_size, epochs, "
        + "early_stopping, shuffle, class_weights, seed, block, reduction"
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

  @Test(arguments: wrong) func `errors name the override`(_ wrong: (key: String, value: String, message: String)) {
    let error = #expect(throws: RunFileError.self) { try run((wrong.key, wrong.value)) }
    #expect(error?.description == "--\(wrong.key)=\(wrong.value): \(wrong.message)")
    #expect(error?.exitCode == .usage)
  }
}
