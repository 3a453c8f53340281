import NeuralNetwork
import RunFiles
import Runs
import Testing

@Suite struct RunFileRoundTripTests {
  /// Overrides of the fullest run file, each a variant of what a run file can say.
  static let variants: [[(key: String, value: String)]] = [
    [],
    [("name", "\"12\"")], [("name", "'null'")], [("name", "'- a: b # c'")], [("name", "'Z→ττ \"x\" \\ é'")],
    [("name", "yes")], [("name", "\"\\uFFFE\"")], [("name", "-1e5")], [("name", "'{a'")], [("name", "' a '")],
    [("data.directory", "'/with space/and: colon'")], [("data.layout", "features_by_row")],
    [("data.features", "[\"a'b\", 'c\"d', 1.5, ' ', x]")],
    [("data.processes", "[{name: 'a b', files: ['x y.txt', \"#.txt\"]}, {name: n, files: [z]}]")],
    [
      ("split", "{train: 1}"), ("split.validation", "0"), ("split.test", "0"), ("training.early_stopping", "null"),
    ],
    [("split.train", "0.3333333"), ("split.validation", "0.3333333"), ("split.test", "0.3333334")],
    [("network.hidden", "[]"), ("network.activation", "relu")],
    [("network.hidden", "[1]"), ("network.activation", "[sigmoid]")],
    [("network.initializer", "zeros")], [("network.initializer", "he_normal")],
    [("network.initializer", "glorot_uniform")],
    [("network.initializer", "{random_uniform: [-1.1754944e-38, 3.4028235e38]}")],
    [("network.initializer", "{random_uniform: [0.1, 0.2]}")],
    [("training.schedule", "constant")], [("training.schedule", "{cosine: {final: 0.1}}")],
    [("training.schedule.step", "{factor: 1e-30, every: 1000000000}")],
    [("training.class_weights", "none")], [("training.class_weights", "balanced")],
    [("training.class_weights", "[1e-6, 0.1]")],
    [("training.optimizer", "{learning_rate: 0.1, momentum: 0}")],
    [("training.optimizer.learning_rate", "1.5e-45")], [("training.warmup_epochs", "1e-5")],
    [("training.block", "null")], [("training.seed", "0")], [("training.epochs", "0")],
    [("training.reduction", "exact")], [("training.early_stopping", "null")], [("safety.replica_check", "null")],
    [("safety.watchdog", "1")],
  ]

  @Test(arguments: variants) func `what is written reads back the same`(_ overrides: [(key: String, value: String)])
    throws
  {
    let run = try RunFile(yaml: fullest, named: "/folder/run.yaml", overrides: overrides)
    let again = try RunFile(yaml: run.yaml(), named: "/elsewhere/config.yaml")
    #expect(again == run)
    #expect(again.yaml() == run.yaml())
  }

  @Test func `the merged file has every key once`() throws {
    let yaml = try RunFile(yaml: shortest, named: "/folder/run.yaml").yaml()
    #expect(
      yaml == """
        # What dist-train ran: the run file with all defaults and command-line overrides filled in.
        # Run it again with: dist-train <this file>. data/hh-bbww.yaml in the source tree explains every key.
        name: run
        data:
          directory: /folder
          processes:
            - {name: s, files: [s.txt]}
            - {name: b, files: [b1.txt, /b2.txt]}
          features: [x, "y"]
          standardize: true
          layout: features_by_row
        split: {train: 0.7, validation: 0.15, test: 0.15}
        network:
          hidden: [30, 30, 30]
          activation: [relu, relu, relu]
          initializer: glorot_uniform
        training:
          loss: categorical_crossentropy
          optimizer:
            name: sgd
            learning_rate: 0.05
            momentum: 0.9
            nesterov: false
            weight_decay: 0.003
          schedule: {cosine: {final: 0.01}}
          warmup_epochs: 0.0
          batch_size: 128
          epochs: 40
          early_stopping: null
          shuffle: true
          class_weights: balanced
          seed: 42
          block: null
          reduction: exact
        output:
          directory: runs
          checkpoint_every: 1
          keep: 3
        safety:
          watchdog: 300
          watchdog_files: 3600
          replica_check: null

        """)
  }

  @Test func `numbers are written so that YAML 1.1 readers take them for numbers`() throws {
    var run = try RunFile(yaml: shortest, named: "run.yaml")
    run.training.optimizer.sgd.learningRate = 1e-5
    run.training.optimizer.sgd.weightDecay = 2.5e-7
    #expect(run.yaml().contains("learning_rate: 1.0e-05\n"))
    #expect(run.yaml().contains("weight_decay: 2.5e-07\n"))
  }
}
