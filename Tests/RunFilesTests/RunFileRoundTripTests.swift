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
      ("training.metrics", "[loss]"), ("training.monitor", "loss"),
    ],
    [("split.train", "0.3333333"), ("split.validation", "0.3333333"), ("split.test", "0.3333334")],
    [
      (
        "data.processes",
        "[{name: a, class: k, files: [a], weight_files: [w], scale: 0.25}, {name: b, class: k, files: [b], "
          + "cross_section: 87.3, sum_weights: 1e12}, {name: c, files: [c]}, {name: v, files: [v], use: evaluate}, "
          + "{name: d, files: [d], use: data}]"
      ), ("data.luminosity", "138.5"),
    ],
    [("data.label", "{column: 'a b', classes: {\"s 1\": [1, 's', yes], 'n': [0]}}"), ("data.share", "events")],
    [
      ("data.features", "[a_pt, a_eta, a_phi, 'b b_pt', 'b b_eta', 'b b_phi']"),
      (
        "data.derived",
        "{standard: true, objects: {met: {pt: x, phi: p}, mu: {pt: m, eta: e, phi: f, mass: 0.105}, 'b +': \"a + `b b`\"}, features: {q: \"mass(a, `b b`) > 1e-7\"}}"
      ),
      (
        "data.transform",
        "{a_pt: [log1p, {clip: [-1, 2.5]}], a_eta: {offset: 1.5}, q: {quantile: normal}, rotate: a, 'b b_phi': sincos}"
      ),
      ("data.missing", "{values: [-999, .nan, 1e5], fill: 0.5, flag: [a_pt]}"),
      ("data.selection", "\"a_pt > 30 and not missing(a_eta)\""),
      ("data.columns", "[a_pt, 'b b_pt', n, x, p, m, e, f]"),
    ],
    [
      ("data.missing", "[-999, nan]"),
      ("data.derived", "{standard: [a], objects: {a: {pt: x, eta: y, phi: z, mass: m}}}"),
    ],
    [
      ("data.missing", "{values: [0], fill: mean, flag: true}"), ("data.transform", "{x: {scale: 2}}"),
      ("data.features", "[x]"),
    ],
    [
      ("data.features", "[rotate, a_pt, a_phi]"),
      ("data.transform", "{rotate: [log, {clip: [0, 3]}]}"),
    ],
    [("data.features", "[rotate]"), ("data.transform", "{rotate: sqrt}")],
    [("data.event", "null"), ("split.by", "random")], [("data.weight", "null"), ("data.weight_variations", "null")],
    [("split", "{by: {column: f, train: [1.5, no], validation: [2], test: [q]}, seed: 3}")],
    [("split", "{by: {files: {validation: ['*a b?'], test: []}}}")],
    [("network.hidden", "[]"), ("network.activation", "relu")],
    [("network.hidden", "[1]"), ("network.activation", "[sigmoid]")],
    [("network.dropout", "0.1"), ("network.input_dropout", "1e-3")],
    [("network.hidden", "[{units: 2, skip: true}, {units: 32, norm: layer, dropout: 0.25, activation: gelu}]")],
    [("network.hidden", "[{units: 2, dropout: 0}, 5]"), ("network.dropout", "0.5")],
    [("network.initializer", "lecun_normal")], [("network.initializer", "glorot_normal")],
    [("network.initializer", "lecun_uniform")],
    [("network.initializer", "zeros")], [("network.initializer", "he_normal")],
    [("network.initializer", "glorot_uniform")],
    [("network.initializer", "{random_uniform: [-1.1754944e-38, 3.4028235e38]}")],
    [("network.initializer", "{random_uniform: [0.1, 0.2]}")],
    [("training.schedule", "constant")], [("training.schedule", "{cosine: {final: 0.1}}")],
    [("training.schedule", "{exponential: {rate: 0.95}}")], [("training.schedule", "{plateau: {}}")],
    [
      (
        "training.schedule",
        "{plateau: {factor: 0.25, patience: 3, min_delta: 0, cooldown: 2, min_learning_rate: 1e-6}}"
      )
    ],
    [("training.optimizer", "adam")], [("training.optimizer", "adamw"), ("training.optimizer.ema", "0.999")],
    [
      (
        "training.optimizer",
        "{name: adam, learning_rate: 1, beta_1: 0, beta_2: 0.5, epsilon: 1e-3, weight_decay: 1, global_clipnorm: 0.5}"
      )
    ],
    [("training.optimizer.decay_biases", "false"), ("training.l2", "1e-5")],
    [("training.schedule.step", "{factor: 1e-30, every: 1000000000}")],
    [("training.class_weights", "none")], [("training.class_weights", "balanced")],
    [("training.class_weights", "[1e-6, 0.1]")],
    [("training.optimizer", "{learning_rate: 0.1, momentum: 0}")],
    [("training.optimizer.learning_rate", "1.5e-45")], [("training.warmup_epochs", "1e-5")],
    [("training.block", "null")], [("training.seed", "0")], [("training.epochs", "0")],
    [("training.reduction", "exact")], [("training.early_stopping", "null")],
    [("training.loss", "binary_crossentropy"), ("training.label_smoothing", "0"), ("training.focal_gamma", "0.5")],
    [("training.event_weights", "{negative: drop}")], [("training.early_stopping", "{patience: 3}")],
    [
      (
        "evaluation",
        "{signal: [b], background_uncertainty: 0.1, bins: 1, min_background: 2, min_n_eff: 1, bootstrap: 0}"
      )
    ],
    [("safety.replica_check", "null")],
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
          event: null
          weight: null
          weight_variations: null
          luminosity: null
          share: weight
          label: null
          standardize: true
          layout: features_by_row
          columns: null
          text: null
          missing: null
          selection: null
          derived: null
          transform: null
        split: {train: 0.7, validation: 0.15, test: 0.15, by: random, seed: 42}
        network:
          hidden: [30, 30, 30]
          activation: [relu, relu, relu]
          dropout: 0.0
          input_dropout: 0.0
          initializer: glorot_uniform
        training:
          loss: categorical_crossentropy
          label_smoothing: 0.0
          focal_gamma: 0.0
          event_weights: {use: true, negative: absolute, clip: 1.0e-06}
          optimizer:
            name: sgd
            learning_rate: 0.05
            momentum: 0.9
            nesterov: false
            weight_decay: 0.003
            global_clipnorm: null
            ema: null
            decay_biases: true
          l2: 0.0
          schedule: {cosine: {final: 0.01}}
          warmup_epochs: 0.0
          batch_size: 128
          epochs: 40
          early_stopping: null
          metrics: [loss, accuracy, auc]
          monitor: loss
          shuffle: true
          class_weights: balanced
          seed: 42
          block: null
          reduction: exact
        evaluation:
          signal: null
          background_uncertainty: 0.0
          bins: 10
          min_background: 0.0
          min_n_eff: 10.0
          bootstrap: 200
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
