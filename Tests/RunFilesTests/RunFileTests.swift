import Events
import FoundationEssentials
import KernelOperands
import NeuralNetwork
import Results
import RunFiles
import Testing
import TestSupport

/// The shortest run file: everything else has a default.
let shortest = """
  data:
    processes: [{name: s, files: [s.txt]}, {name: b, files: [b1.txt, /b2.txt]}]
    features: [x, y]
  """

/// A run file in which no key has its default, but for `data.luminosity` and `data.label`, which want other processes.
let fullest = """
  name: everything
  data:
    directory: ../events
    processes:
      - {name: s, files: [s.txt]}
      - name: b
        files:
          - b1.txt
          - /absolute/b2.txt
    features: [x, y]
    event: [run, number]
    weight: [w, pu]
    weight_variations: {pu_up: [w, pu_up], "pu down": [w, pu_down]}
    luminosity: null
    share: equal
    label: null
    standardize: false
    layout: events_by_row
    columns: [x, y, w, pu, pu_up, pu_down, run, number]
    text: {separator: ";", decimal: ","}
  split: {train: 0.5, validation: 0.25, test: 0.25, by: event, seed: 18446744073709551615}
  network:
    hidden: [64, 32.0]
    activation: [tanh, linear]
    dropout: 0.1
    input_dropout: 0.05
    initializer: {random_uniform: [-0.5, 1]}
  training:
    loss: categorical_crossentropy
    label_smoothing: 0.1
    focal_gamma: 2
    event_weights: {use: false, negative: keep, clip: 0.01}
    optimizer: {name: sgd, learning_rate: 1e-3, momentum: 0.5, nesterov: true, weight_decay: 1.5e-5}
    schedule: {step: {factor: 0.5, every: 10}}
    warmup_epochs: 0.5
    batch_size: 1e3
    epochs: 7
    early_stopping: {patience: 5, min_delta: 0.01}
    metrics: [accuracy, auc]
    monitor: auc
    shuffle: False
    class_weights: [1, 2.5]
    seed: 18446744073709551615
    block: 32
    reduction: float32
  output: {directory: /results, checkpoint_every: 2, keep: 5}
  safety: {watchdog: 60, watchdog_files: 600, replica_check: 1e3}
  """

/// The path of a file of the repository.
func repositoryPath(_ path: String, file: String = #filePath) -> String {
  "/" + file.split(separator: "/").dropLast(3).joined(separator: "/") + "/" + path
}

@Suite struct RunFileTests {
  @Test func `what is left out has the value that the shipped run file shows`() throws {
    let run = try RunFile(yaml: shortest, named: repositoryPath("data/run.yaml"))
    var shipped = try RunFile(contentsOf: repositoryPath("data/hh-bbww.yaml"))
    #expect(shipped.defaults.isEmpty, "it shows every key")
    shipped.name = "run"
    (shipped.data.processes, shipped.data.features) = (run.data.processes, run.data.features)
    #expect(run == shipped)
  }

  @Test(arguments: [
    (
      "",
      [
        "name", "data.directory", "data.event", "data.weight", "data.weight_variations", "data.luminosity",
        "data.share",
        "data.label", "data.standardize", "data.layout", "data.columns", "data.text", "data.missing", "data.selection",
        "data.derived", "data.transform", "split", "network", "training", "evaluation", "output",
        "safety",
      ]
    ),
    (
      """
      name: a
      split: {train: 0.5, test: 0.5, validation: 0}
      network: {hidden: [5], activation: relu}
      training: {epochs: 3, optimizer: {momentum: 0}, schedule: constant, early_stopping: null, warmup_epochs: 0}
      output:
      safety: {watchdog: 5, watchdog_files: 6, replica_check: 7}
      """,
      [
        "data.directory", "data.event", "data.weight", "data.weight_variations", "data.luminosity", "data.share",
        "data.label", "data.standardize", "data.layout", "data.columns", "data.text", "data.missing", "data.selection",
        "data.derived", "data.transform", "split.by", "split.seed", "network.dropout",
        "network.input_dropout", "network.initializer", "training.loss", "training.label_smoothing",
        "training.focal_gamma", "training.event_weights", "training.optimizer.name", "training.optimizer.learning_rate",
        "training.optimizer.nesterov", "training.optimizer.weight_decay", "training.optimizer.global_clipnorm",
        "training.optimizer.ema", "training.optimizer.decay_biases", "training.l2", "training.batch_size",
        "training.metrics", "training.monitor", "training.shuffle", "training.class_weights",
        "training.seed", "training.block", "training.reduction", "evaluation", "output.directory",
        "output.checkpoint_every",
        "output.keep",
      ]
    ),
  ]) func `keys that are left out are known`(_ yaml: String, _ defaults: [String]) throws {
    let run = try RunFile(yaml: "\(shortest)\n\(yaml)", named: "/a.yaml")
    #expect(run.defaults == defaults)
    // An override is a choice. What a run saves leaves nothing out, and is the same run.
    let overridden = try RunFile(
      yaml: "\(shortest)\n\(yaml)", named: "/a.yaml",
      overrides: [("output.keep", "3"), ("data.layout", "features_by_row")])
    #expect(!overridden.defaults.contains { $0 == "output" || $0 == "output.keep" || $0 == "data.layout" })
    let saved = try RunFile(yaml: run.yaml(), named: "/a.yaml")
    #expect(saved.defaults.isEmpty && saved == run)
  }

  @Test func `what is not said has its default`() throws {
    let run = try RunFile(yaml: shortest, named: "/runs/tt.h.yaml")
    #expect(run.name == "tt.h")
    #expect(run.data.directory == "/runs")
    #expect(run.data.processes.map(\.name) == ["s", "b"])
    #expect(run.data.processes.map(\.files) == [["s.txt"], ["b1.txt", "/b2.txt"]])
    #expect(run.data.features == ["x", "y"])
    #expect(run.data.standardize)
    #expect(run.data.layout == .featuresByRow)
    #expect([run.split.train, run.split.validation, run.split.test] == [0.7, 0.15, 0.15])
    #expect(run.split.by == .random && run.split.seed == 42)
    #expect(run.data.event.isEmpty && run.data.weight.isEmpty && run.data.weightVariations.isEmpty)
    #expect(run.data.luminosity == nil && run.data.share == .weight && run.data.label == nil)
    #expect(run.data.processes.allSatisfy { $0.use == .train && $0.className == nil && $0.weightFiles.isEmpty })
    #expect(run.data.classes == EventClasses(eachOf: ["s", "b"]))
    #expect(run.network.hidden.map(\.units) == [30, 30, 30])
    #expect(run.network.hidden.map(\.activation) == [.relu, .relu, .relu])
    #expect(run.network.hidden.allSatisfy { $0.norm == .none && !$0.skip && $0.dropout == 0 })
    #expect(run.network.inputDropout == 0)
    #expect(run.network.initializer == .glorotUniform)
    #expect(run.training.loss == .categoricalCrossentropy)
    #expect(run.training.eventWeights.use && run.training.eventWeights.negative == .absolute)
    #expect(run.training.eventWeights.clip == 1e-6)
    #expect(run.training.optimizer.name == "sgd")
    #expect(run.training.optimizer.learningRate == 0.05)
    #expect(run.training.optimizer.sgd.momentum == 0.9)
    #expect(!run.training.optimizer.sgd.nesterov)
    #expect(run.training.optimizer.sgd.weightDecay == 0.003)
    #expect(run.training.optimizer.globalClipNorm == nil && run.training.optimizer.ema == nil)
    #expect(run.training.optimizer.decaysBiases && run.training.l2 == 0)
    #expect(run.training.schedule == .cosine(final: 0.01))
    #expect(run.training.warmupEpochs == 0)
    #expect(run.training.batchSize == 128)
    #expect(run.training.epochs == 40)
    #expect(run.training.labelSmoothing == 0 && run.training.focalGamma == 0)
    #expect(run.training.monitoring.earlyStopping == nil && run.training.monitoring.monitor == .loss)
    #expect(run.training.monitoring.metrics == [.loss, .accuracy, .auc])
    #expect(run.training.shuffle)
    #expect(run.training.classWeights == .balanced)
    #expect(run.training.seed == 42)
    #expect(run.training.block == nil)
    #expect(run.training.reduction == .exact)
    #expect(run.evaluation.signal.isEmpty && run.evaluation.signalClasses(["s", "b"]) == [0])
    #expect(run.evaluation.bins == 10 && run.evaluation.bootstrap == 200)
    #expect([run.evaluation.backgroundUncertainty, run.evaluation.minBackground] == [0, 0])
    #expect(run.evaluation.minEffectiveEvents == 10)
    #expect(run.output.directory == "runs")
    #expect([run.output.checkpointEvery, run.output.keep] == [1, 3])
    #expect([run.safety.watchdog, run.safety.watchdogFiles] == [300, 3600])
    #expect(run.safety.replicaCheck == nil)
  }

  @Test func `every key is read`() throws {
    let run = try RunFile(yaml: fullest, named: "/home/me/./runs//tt.yml")
    #expect(run.name == "everything")
    #expect(run.data.directory == "/home/me/runs/../events")
    #expect(run.data.processes.map(\.files) == [["s.txt"], ["b1.txt", "/absolute/b2.txt"]])
    #expect(!run.data.standardize)
    #expect(run.data.layout == .eventsByRow)
    #expect(run.data.text == TextDialect(separator: .semicolon, decimal: .comma))
    #expect(run.data.columns == ["x", "y", "w", "pu", "pu_up", "pu_down", "run", "number"])
    #expect([run.split.train, run.split.validation, run.split.test] == [0.5, 0.25, 0.25])
    #expect(run.split.by == .event && run.split.seed == .max)
    #expect(run.data.event == ["run", "number"] && run.data.weight == ["w", "pu"] && run.data.share == .equal)
    #expect(
      run.data.weightVariations == [
        .init(name: "pu_up", columns: ["w", "pu_up"]), .init(name: "pu down", columns: ["w", "pu_down"]),
      ])
    #expect(run.network.hidden.map(\.units) == [64, 32])
    #expect(run.network.hidden.map(\.activation) == [.tanh, .linear])
    #expect(run.network.hidden.map(\.dropout) == [0.1, 0.1] && run.network.inputDropout == 0.05)
    #expect(run.network.initializer == .randomUniform(low: -0.5, high: 1))
    #expect(run.training.optimizer.learningRate == 0.001)
    #expect(run.training.optimizer.sgd.momentum == 0.5)
    #expect(run.training.optimizer.sgd.nesterov)
    #expect(run.training.optimizer.sgd.weightDecay == 1.5e-5)
    #expect(run.training.schedule == .step(factor: 0.5, every: 10))
    #expect(run.training.warmupEpochs == 0.5)
    #expect(run.training.batchSize == 1000)
    #expect(run.training.epochs == 7)
    #expect(run.training.labelSmoothing == 0.1 && run.training.focalGamma == 2)
    #expect(run.training.monitoring.earlyStopping?.patience == 5)
    #expect(run.training.monitoring.earlyStopping?.minDelta == 0.01)
    #expect(run.training.monitoring.metrics == [.accuracy, .auc] && run.training.monitoring.monitor == .auc)
    let weights = run.training.eventWeights
    #expect(!weights.use && weights.negative == .keep && weights.clip == 0.01 && weights.negativeClip == nil)
    #expect(!run.training.shuffle)
    #expect(run.training.classWeights == .perClass([1, 2.5]))
    #expect(run.training.seed == .max)
    #expect(run.training.block == 32)
    #expect(run.training.reduction == .float32)
    #expect(run.output.directory == "/results")
    #expect([run.output.checkpointEvery, run.output.keep] == [2, 5])
    #expect([run.safety.watchdog, run.safety.watchdogFiles, run.safety.replicaCheck] == [60, 600, 1000])
  }

  @Test(arguments: [
    ("he_uniform", Initializer.heUniform), ("he_normal", .heNormal), ("glorot_uniform", .glorotUniform),
    ("lecun_uniform", .lecunUniform), ("lecun_normal", .lecunNormal), ("glorot_normal", .glorotNormal),
    ("zeros", .zeros), ("{random_uniform: [-10, 10]}", .randomUniform(low: -10, high: 10)),
  ]) func `initializers`(_ yaml: String, _ initializer: Initializer) throws {
    let run = try RunFile(yaml: shortest + "\nnetwork: {initializer: \(yaml)}", named: "a.yaml")
    #expect(run.network.initializer == initializer)
  }

  @Test func `one activation serves all hidden layers, also none`() throws {
    let one = try RunFile(yaml: shortest + "\nnetwork: {hidden: [5, 6], activation: sigmoid}", named: "a.yaml")
    #expect(one.network.hidden.map(\.activation) == [.sigmoid, .sigmoid])
    let none = try RunFile(yaml: shortest + "\nnetwork: {hidden: [], activation: []}", named: "a.yaml")
    #expect(none.network.hidden.isEmpty)
  }

  @Test func `cosine, class weights by name, no block`() throws {
    let training = "{schedule: {cosine: {final: 0}}, class_weights: none, block: ~}"
    let run = try RunFile(yaml: shortest + "\ntraining: \(training)", named: "a.yaml")
    #expect(run.training.schedule == .cosine(final: 0))
    #expect(run.training.classWeights == .none)
    #expect(run.training.block == nil)
  }

  @Test func `a section without contents, tags, comments, a byte order mark and CRLF are fine`() throws {
    let yaml =
      "\u{FEFF}"
        + """
        training: # all commented out
        #  epochs: 3
        data:
          processes:
            - {name: !!str s, files: !!seq [s.txt]}
            - !!map {? name : b, files: [! b.txt]}
          features: [s, no, 12, true, "null"]
        ... # the end
        """.split(separator: "\n").joined(separator: "\r\n")
    let run = try RunFile(yaml: yaml, named: "a.yaml")
    #expect(run.training.epochs == 40)
    #expect(run.data.features == ["s", "no", "12", "true", "null"])
  }

  @Test func `the folder of a relative run file is found from the working directory`() throws {
    let here = FileManager.default.currentDirectoryPath
    #expect(try RunFile(yaml: shortest, named: "a.yaml").data.directory == here)
    #expect(try RunFile(yaml: shortest, named: "./x/a.yaml").data.directory == here + "/x")
    #expect(try RunFile(yaml: shortest, named: "/a.yaml").data.directory == "/")
  }

  @Test(arguments: [("a.b.yaml", "a.b"), ("x/my run.yml", "my run"), ("/x/steering", "steering")])
  func `the name follows the file`(_ file: String, _ name: String) throws {
    #expect(try RunFile(yaml: shortest, named: file).name == name)
  }

  @Test func `the default run file is as shipped`() throws {
    let run = try RunFile(contentsOf: repositoryPath("data/hh-bbww.yaml"))
    #expect(run.name == "hh-bbww")
    #expect(run.data.directory == repositoryPath("data"))
    #expect(run.data.processes.map(\.name) == ["signal", "bgr_tt", "bgr_st", "bgr_Wj"])
    #expect(run.data.processes.allSatisfy { $0.files == ["nn_input_\($0.name).txt"] })
    #expect(run.data.features.count == 15)
    #expect(run.data.standardize && run.training.shuffle)
    #expect(run.network.hidden.map(\.units) == [30, 30, 30])
    #expect(run.training.classWeights == .balanced)
    #expect(run.training.seed == 42)
  }

  @Test func `the notebook's run file is the notebook`() throws {
    let run = try RunFile(contentsOf: repositoryPath("data/notebook.yaml"))
    let shipped = try RunFile(contentsOf: repositoryPath("data/hh-bbww.yaml"))
    #expect(run.data.processes == shipped.data.processes && run.data.features == shipped.data.features)
    #expect(!run.data.standardize && !run.training.shuffle)
    #expect([run.split.train, run.split.validation, run.split.test] == [1, 0, 0])
    #expect(run.network.hidden.map(\.units) == [30, 30, 30])
    #expect(run.network.initializer == .randomUniform(low: -10, high: 10))
    #expect(run.training.optimizer.learningRate == 0.5)
    #expect(run.training.optimizer.sgd.momentum == 0)
    #expect(run.training.batchSize == 1)
    #expect(run.training.epochs == 1)
    #expect(run.training.classWeights == .none)
  }

  @Test func `classes and scales follow from the processes`() throws {
    let run = try RunFile(
      yaml: """
        data:
          luminosity: 138
          processes:
            - {name: v, files: [v], use: evaluate, scale: 0.5}
            - {name: tt_2l, class: tt, files: [a], cross_section: 87.3, sum_weights: 1.2e+7}
            - {name: hh, files: [b], weight_files: [w.npy]}
            - {name: tt_1l, class: tt, files: [c], scale: 2}
            - {name: tt, class: tt, files: [e], use: evaluate}
            - {name: d, files: [d], use: data}
          features: [x]
        training: {class_weights: [1, 2]}
        """, named: "r.yaml")
    #expect(run.data.classNames == ["tt", "hh"])
    #expect(
      run.data.classes.roles == [
        ProcessRole(.evaluate, className: nil, scale: 0.5),
        ProcessRole(className: "tt", scale: 87.3 * 1000 * 138 / 1.2e7), ProcessRole(className: "hh"),
        ProcessRole(className: "tt", scale: 2), ProcessRole(.evaluate, className: "tt"),
        ProcessRole(.data, className: nil),
      ])
    #expect(run.data.processes[2].weightFiles == ["w.npy"])
  }

  @Test func `labels are classes`() throws {
    let yaml = """
      data:
        processes: [{name: all, files: [a]}, {name: more, class: b, files: [b]}, {name: v, files: [c], use: evaluate}]
        label: {column: kind, classes: {s: [sig, 1], b: [0, "x y"]}}
        features: [x]
      split: {by: {column: fold, train: [0, 1.0], validation: [2], test: []}}
      """
    let run = try RunFile(yaml: yaml, named: "r.yaml")
    #expect(run.data.classNames == ["s", "b"])
    #expect(run.data.classes.roles.map(\.className) == [nil, "b", nil])
    #expect(
      run.data.classes.labels
        == CategoryColumn(column: "kind", key: "data.label", values: [["sig", "1"], ["0", "x y"]]))
    #expect(
      run.split.split(in: "").rule
        == .column(CategoryColumn(column: "fold", key: "split.by", values: [["0", "1.0"], ["2"], []])))
    #expect(throws: RunFileError.self) {
      try RunFile(yaml: yaml.replacing("test: []", with: "test: [1]"), named: "r.yaml")
    }
    let files = try RunFile(
      yaml: shortest + "\nsplit: {by: {files: {validation: [b1.txt], test: [/x/*.txt]}}}", named: "r.yaml")
    #expect(files.split.split(in: "/d").rule == .files(validation: ["/d/b1.txt"], test: ["/x/*.txt"]))
  }

  @Test func `a saved run file of an older version divides by the seed of the training`() throws {
    let old = "\(shortest)\nsplit: {train: 0.7, validation: 0.15, test: 0.15}\ntraining: {seed: 7}"
    #expect(try RunFile(yaml: old, named: "r.yaml").split.seed == 42)
    let saved = try RunFile(yaml: old, named: "r.yaml", isSaved: true)
    #expect(saved.split.seed == 7 && saved.hasDefaultSplitSeed)
    // From then on it says so.
    let again = try RunFile(yaml: saved.yaml(), named: "r.yaml", isSaved: true)
    #expect(again == saved && !again.hasDefaultSplitSeed)
    #expect(try RunFile(yaml: old, named: "r.yaml", overrides: [("split.seed", "5")], isSaved: true).split.seed == 5)
  }
}
