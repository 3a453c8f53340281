package import Machine
package import NeuralNetwork
package import RunFiles
import Training

/// A trained network as `evaluate`, `predict` and `inspect` take it: a run folder (its best model) or one safetensors file.
package struct ModelFile {
  /// Where it was read.
  package let path: String
  /// The bytes that were read.
  package let bytes: [UInt8]
  package let checkpoint: Checkpoint

  package init(_ name: String) throws {
    if let refusal = GivenPath.refusal(ofRun: name) { throw refusal }
    path = FileSystem.isDirectory(name) ? RunFolder(name).model : name
    guard FileSystem.exists(path) else {
      throw Failure(
        .missing,
        "\(path): no model.safetensors in it; let the training come to its first checkpoint, or name one of its "
          + "checkpoints")
    }
    bytes = try FileSystem.read(path)
    checkpoint = try Checkpoint(decoding: bytes, path: path)
  }

  /// The run file that it was trained with.
  package func runFile() throws(RunFileError) -> RunFile {
    try RunFile(yaml: checkpoint.runFile, named: path, overrides: [], isSaved: true)
  }
}

extension Checkpoint {
  /// The network with its parameters; `run` has its activations.
  package func network(_ run: RunFile) throws(Failure) -> Network {
    guard let network = forUse.model.network(run.networkSpecification) else {
      throw Failure(.badData, "the checkpoint's layers are not those of its run file; use another one")
    }
    return network
  }
}
