import Events
import Formats
import Machine
import NeuralNetwork
import Results
import Runs
import Testing
import Training

@Suite struct CheckpointTests {
  private let metadata = [
    "format": "dist-train 4", "run_file": "name: tiny\n", "epoch": "4", "step": "43", "step_in_epoch": "3",
    "epoch_sums": #"{"correct":7,"events":12,"loss":0.30000000000000004}"#, "costs": "43",
    "history": "4", "events_digest": "0123abcd", "block": "16", "class_names": #"["s","b"]"#,
    "feature_names": #"["x","y","z"]"#, "class_weights": "[1,2.5]", "mean_weight": "1.3",
    "gradient_exponents": "[24,-30]",
    "best": #"{"epoch":2,"loss":0.1}"#,
    "plateau": #"{"best":0.125,"learning_rate":0.005,"rest":1,"wait":3}"#,
  ]

  /// A network of 3, 2 and 2 units with numbers from `first` on.
  private func layers(_ prefix: String, from first: Float) -> [Tensor] {
    let numbers = { (count: Int, start: Float) in (0..<count).map { start + Float($0) } }
    return [
      Tensor(name: "\(prefix).0.weight", shape: [2, 3], numbers(6, first)),
      Tensor(name: "\(prefix).0.bias", shape: [2], numbers(2, first + 6)),
      Tensor(name: "\(prefix).1.weight", shape: [2, 2], numbers(4, first + 8)),
      Tensor(name: "\(prefix).1.bias", shape: [2], numbers(2, first + 12)),
    ]
  }

  private func tensors(optimizer names: [String] = ["velocity"]) -> [Tensor] {
    layers("layers", from: 1)
      + names.enumerated().flatMap { layers("optimizer.\($1).layers", from: Float(100 * ($0 + 1))) } + [
        Tensor(name: "input.mean", shape: [3], [0.5, -1, 1e-30] as [Float]),
        Tensor(name: "input.scale", shape: [3], [1, 2, 3] as [Float]),
      ]
  }

  private func checkpoint(
    _ changes: [String: String?] = [:], _ tensors: [Tensor]? = nil
  ) throws -> Checkpoint {
    var metadata = metadata
    for (key, value) in changes { metadata[key] = value }
    return try Checkpoint(
      decoding: Safetensors(metadata: metadata, tensors: tensors ?? self.tensors()).encoded(), path: "file")
  }

  @Test func holdsWhatItsFileSays() throws {
    let checkpoint = try checkpoint()
    #expect(checkpoint.runFile == "name: tiny\n" && checkpoint.step == 43)
    let sums = Statistics(loss: 0.1 + 0.2, events: 12, correct: 7)
    #expect(checkpoint.position == TrainingPosition(epoch: 4, step: 3, sums: sums))
    #expect(checkpoint.costs == 43 && checkpoint.history == 4 && checkpoint.best == Best(epoch: 2, value: 0.1))
    #expect(checkpoint.eventsDigest == "0123abcd" && checkpoint.block == 16 && checkpoint.gridExponents == [24, -30])
    #expect(checkpoint.plateau == Plateau.State(learningRate: 0.005, best: 0.125, wait: 3, rest: 1))
    let model = checkpoint.model
    #expect(
      model.classNames == ["s", "b"] && model.featureNames == ["x", "y", "z"] && model.classWeights == [1, 2.5]
        && model.meanWeight == 1.3)
    #expect(model.standardization.mean == [0.5, -1, 1e-30] && model.standardization.scale == [1, 2, 3])
    #expect(
      model.layers == [
        Model.Layer(outputs: 2, weights: [1, 2, 3, 4, 5, 6], biases: [7, 8]),
        Model.Layer(outputs: 2, weights: [9, 10, 11, 12], biases: [13, 14]),
      ])
    #expect(checkpoint.optimizer.map(\.name) == ["velocity"])
    #expect(checkpoint.optimizer[0].layers[1].biases == [112, 113])
  }

  /// The format is what other programs read: keys, names, shapes and values.
  @Test func writesWhatItsFileSaid() throws {
    let written = try Safetensors(decoding: checkpoint().encoded(), path: "file")
    #expect(written.metadata == metadata)
    let found = Dictionary(uniqueKeysWithValues: written.tensors.map { ($0.name, $0) })
    #expect(found == Dictionary(uniqueKeysWithValues: tensors().map { ($0.name, $0) }))
  }

  /// Scales and shifts of a normalised layer, of the model and of the optimiser's state.
  @Test func normsHaveTensorsOfTheirOwn() throws {
    func norm(_ prefix: String, _ values: [Float]) -> [Tensor] {
      [
        Tensor(name: "\(prefix).0.norm.weight", shape: [2], values),
        Tensor(name: "\(prefix).0.norm.bias", shape: [2], values.map { -$0 }),
      ]
    }
    let all = tensors() + norm("layers", [1.5, 2]) + norm("optimizer.velocity.layers", [0.5, 0.25])
    let read = try checkpoint([:], all)
    #expect(read.model.layers.map(\.norm) == [Model.Norm(scales: [1.5, 2], shifts: [-1.5, -2]), nil])
    #expect(read.optimizer[0].layers.map(\.norm) == [Model.Norm(scales: [0.5, 0.25], shifts: [-0.5, -0.25]), nil])
    let written = try Safetensors(decoding: read.encoded(), path: "file")
    #expect(Set(written.tensors.map(\.name)) == Set(all.map(\.name)))
    #expect(try Checkpoint(decoding: read.encoded(), path: "file") == read)
    let half = tensors() + norm("layers", [1.5, 2])
    #expect(
      try refusal([:], half)?.description.hasPrefix("file: its optimiser state does not fit its layers; ") == true)
    let torn = all.filter { $0.name != "layers.0.norm.bias" }
    #expect(try refusal([:], torn)?.description.hasPrefix("file: no layers.0.norm.bias of 2 float32 values; ") == true)
    let late =
      tensors() + [
        Tensor(name: "layers.9.norm.weight", shape: [2], [1, 2] as [Float]),
        Tensor(name: "layers.9.norm.bias", shape: [2], [1, 2] as [Float]),
      ]
    #expect(try refusal([:], late)?.description.hasPrefix("file: it has tensors that belong to no layer; ") == true)
  }

  @Test func weightsOfEventsComeBack() throws {
    var checkpoint = try checkpoint()
    let weights = FormerWeights(
      factors: ClassFactors(classes: [1e-30, 0.1], processes: [[0.1, 3], [.leastNormalMagnitude, 1]]), unit: -431,
      mean: 1.1, monitorMean: 0.3)
    for unit in [-431, nil] as [Int?] {
      checkpoint.model.eventWeights = weights
      checkpoint.model.eventWeights?.unit = unit
      #expect(try Checkpoint(decoding: checkpoint.encoded(), path: "file") == checkpoint)
    }
    let sound = #"{"factors":{"classes":[1,2],"processes":[[1,2]]},"unit":3,"mean":1,"monitor_mean":1}"#
    #expect(try refusal(["event_weights": sound]) == nil)
    for (good, bad) in [
      ("[1,2]", "[1]"), ("[1,2]", "[1,0]"), (":1,", ":0,"), (":3,", ":99999,"), ("[[1,2]]", "[[-1,2]]"), ("{", ""),
    ] {
      #expect(
        try refusal(["event_weights": sound.replacing(good, with: bad, maxReplacements: 1)])?.exitCode == .badData,
        "\(bad)")
    }
  }

  @Test func comesBackFromItsBytes() throws {
    var checkpoint = try checkpoint(["best": nil])
    #expect(checkpoint.best == nil)
    checkpoint.model.layers[0].weights[3] = -.leastNonzeroMagnitude
    checkpoint.gridExponents[0] = -7
    #expect(try Checkpoint(decoding: checkpoint.encoded(), path: "file") == checkpoint)
  }

  /// An optimiser finds its buffers by their order, which need not be that of the alphabet.
  @Test(arguments: [
    ["first_moment", "second_moment"], ["second_moment", "first_moment"], ["z", "velocity", "a"], [],
  ])
  func buffersKeepTheirOrder(names: [String]) throws {
    let checkpoint = try checkpoint([:], tensors(optimizer: names))
    #expect(checkpoint.optimizer.map(\.name) == names)
    for (index, state) in checkpoint.optimizer.enumerated() {
      #expect(state.layers[0].weights[0] == Float(100 * (index + 1)))
    }
    let again = try Checkpoint(decoding: checkpoint.encoded(), path: "file")
    #expect(again == checkpoint)
  }

  @Test func theFirstFormatIsStillRead() throws {
    let old = try checkpoint([
      "format": "dist-train 1", "step_in_epoch": nil, "epoch_sums": nil, "mean_weight": nil, "events_digest": nil,
      "events_sha256": "0123abcd", "plateau": nil,
    ])
    #expect(old.position == TrainingPosition(epoch: 4) && old.model.meanWeight == nil)
    // It is written as the latest one.
    let written = try Safetensors(decoding: old.encoded(), path: "file")
    #expect(written.metadata["format"] == "dist-train 4" && written.metadata["step_in_epoch"] == "0")
    #expect(written.metadata["mean_weight"] == nil)
  }

  /// It has all but what schedules and optimisers have got since.
  @Test func theThirdFormatIsStillRead() throws {
    let old = try checkpoint(["format": "dist-train 3", "plateau": nil])
    var new = try checkpoint()
    new.plateau = nil
    #expect(old == new)
  }

  /// Its sums are relative to the weights of the events; equal weights are their own mean.
  @Test func theSecondFormatIsStillRead() throws {
    let changes = [
      "format": "dist-train 2", "plateau": nil, "mean_weight": nil, "events_digest": nil, "events_sha256": "0123abcd",
      "epoch_sums": #"{"correct":7,"events":12,"loss":4.5,"weight":30}"#,
    ]
    let unequal = try checkpoint(changes)
    #expect(unequal.model.meanWeight == nil)
    #expect(unequal.position.sums == Statistics(loss: 1.8, events: 12, correct: 7))
    let equal = try checkpoint(changes.merging(["class_weights": "[2.5,2.5]"]) { $1 })
    #expect(equal.model.meanWeight == 2.5)
    let empty = #"{"correct":0,"events":0,"loss":0,"weight":0}"#
    #expect(try checkpoint(changes.merging(["epoch_sums": empty]) { $1 }).position.sums == Statistics())
    #expect(try Checkpoint(decoding: equal.encoded(), path: "file") == equal)
    #expect(try refusal(changes.merging(["epoch_sums": #"{"loss":1}"#]) { $1 })?.exitCode == .badData)
  }

  @Test func aFileForUseHasNoState() throws {
    let whole = try checkpoint()
    let forUse = whole.forUse
    #expect(forUse.model == whole.model && forUse.optimizer.isEmpty && forUse.position == TrainingPosition(epoch: 4))
    #expect(forUse.plateau == nil)
    #expect(try Checkpoint(decoding: forUse.encoded(), path: "file") == forUse)
  }

  /// With a running mean of the parameters, that is the model.
  @Test func aFileForUseHasTheRunningMean() throws {
    let whole = try checkpoint([:], tensors(optimizer: ["momentum", "velocity", "average"]))
    #expect(whole.layersForUse == whole.optimizer[2].layers && whole.layersForUse != whole.model.layers)
    let forUse = whole.forUse
    #expect(forUse.model.layers == whole.optimizer[2].layers && forUse.optimizer.isEmpty)
    // It has no other model any more.
    #expect(forUse.forUse == forUse && forUse.layersForUse == forUse.model.layers)
  }

  private func refusal(_ changes: [String: String?] = [:], _ tensors: [Tensor]? = nil) throws -> Failure? {
    do {
      _ = try checkpoint(changes, tensors)
      return nil
    } catch let failure as Failure { return failure }
  }

  @Test func everyKeyButSomeMustBeThere() throws {
    for key in metadata.keys where !["best", "mean_weight", "plateau"].contains(key) {
      #expect(
        try refusal([key: nil])
          == Failure(
            .badData,
            "file: no '\(key)' in its metadata; it is no checkpoint of dist-train, or of another version: use another one"
          ))
    }
  }

  @Test(arguments: [
    ("format", "dist-train 6", "format \"dist-train 6\" instead of 'dist-train 4'"),
    ("mean_weight", "0", "'mean_weight' is not above 0"), ("mean_weight", "-1", "'mean_weight' is not above 0"),
    ("mean_weight", "\"nan\"", "'mean_weight' is not what it should be"),
    ("plateau", "{}", "'plateau' is not what it should be"),
    ("plateau", #"{"learning_rate":-1,"rest":1,"wait":3}"#, "'plateau' is not what it should be"),
    ("plateau", #"{"learning_rate":1,"rest":-1,"wait":3}"#, "'plateau' is not what it should be"),
    ("epoch", "-1", "'epoch' is not a count"),
    ("step", "1.5", "'step' is not a count"), ("epoch_sums", "[]", "'epoch_sums' is not what it should be"),
    ("best", #"{"epoch":2}"#, "'best' is not what it should be"),
    ("class_names", #"["s"]"#, "the last layer does not have one output for each of 1 classes"),
    ("class_weights", "[1]", "the last layer does not have one output for each of 2 classes"),
    ("feature_names", #"["x"]"#, "no input.mean of 1 float32 values"),
    ("preprocessing", "{}", "'preprocessing' is not what it should be"),
    (
      "preprocessing",
      #"{"fit":{"fills":[],"quantiles":[[]]},"preprocessing":{"definitions":[],"features":[{"expression":"x","name":"q","transforms":[]}],"objects":[]}}"#,
      "'preprocessing' does not give its features"
    ),
    ("gradient_exponents", "[1]", "its optimiser state does not fit its layers"),
    ("gradient_exponents", "[1,1000]", "its optimiser state does not fit its layers"),
  ])
  func whatIsWrongIsNamed(key: String, value: String, problem: String) throws {
    let failure = try #require(try refusal([key: value]))
    #expect(failure.exitCode == .badData)
    #expect(failure.description.hasPrefix("file: \(problem); it is no checkpoint of dist-train"), "\(failure)")
  }

  @Test func tensorsMustFitEachOther() throws {
    var extra = tensors()
    extra.append(Tensor(name: "layers.7.weight", shape: [1, 1], [1] as [Float]))
    #expect(try refusal([:], extra)?.description.hasPrefix("file: it has tensors that belong to no layer; ") == true)
    var narrow = tensors()
    narrow[2] = Tensor(name: "layers.1.weight", shape: [2, 3], [1, 2, 3, 4, 5, 6] as [Float])
    #expect(
      try refusal([:], narrow)?.description.hasPrefix("file: layers.1.weight has shape [2, 3], its inputs are 2; ")
        == true)
    let partial = tensors().filter { !$0.name.hasPrefix("optimizer.velocity.layers.1") }
    #expect(
      try refusal([:], partial)?.description.hasPrefix("file: its optimiser state does not fit its layers; ") == true)
    var double = tensors()
    double[1] = Tensor(name: "layers.0.bias", shape: [2], [1, 2] as [Double])
    #expect(try refusal([:], double)?.description.hasPrefix("file: no layers.0.bias of 2 float32 values; ") == true)
  }

  @Test func jsonIsOneSortedLineForAnyNumber() {
    #expect(json(["b": 1, "a": Double.infinity]) == #"{"a":"inf","b":1}"#)
    #expect(json([-Double.infinity, .nan, 0.1]) == #"["-inf","nan",0.1]"#)
    #expect(json(["a/b"]) == #"["a/b"]"#)
  }
}
