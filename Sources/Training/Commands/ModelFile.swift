internal import FoundationEssentials
internal import NeuralNetwork

/// A trained network as `evaluate`, `predict` and `inspect` take it: a run folder (its best model) or one safetensors file.
struct ModelFile {
  /// Where it was read.
  let path: String
  let checkpoint: Checkpoint

  init(_ name: String) throws {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: name, isDirectory: &isDirectory) else {
      throw Failure(.missing, "\(name): no such run folder or checkpoint; name a folder that dist-train wrote")
    }
    path = isDirectory ? RunFolder(name).model : name
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        .missing,
        "\(name): no model.safetensors in it; let the training come to its first checkpoint, or name one of its "
          + "checkpoints")
    }
    checkpoint = try Checkpoint(decoding: try FileSystem.read(path), path: path)
  }

  /// The run file that it was trained with.
  func runFile() throws -> RunFile {
    try RunFile(yaml: checkpoint.runFile, named: path, overrides: [])
  }
}

extension Checkpoint {
  /// The network with its parameters.
  func network(_ run: RunFile) throws -> Network {
    let specification = run.networkSpecification
    guard specification.sizes == [featureNames.count] + layers.map(\.outputs) else {
      throw Failure(.badData, "the checkpoint's layers are not those of its run file; use another one")
    }
    var network = Network(specification)
    let layout = network.layout
    network.update { parameters in Self.restore(layers, to: &parameters, layout) }
    return network
  }
}
