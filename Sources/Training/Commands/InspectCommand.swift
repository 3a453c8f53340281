internal import Events
internal import MPI

/// `dist-train inspect`: what a run folder or a checkpoint holds.
public struct InspectCommand: Sendable {
  /// A run folder or a checkpoint.
  public var model: String

  /// By name.
  public init(model: String) { self.model = model }

  /// Tells; rank 0 does the work. Returns the exit code.
  public func run() -> Int32 {
    underMPI { communicator in
      let console = Console(speaks: communicator.isRoot, progress: .off)
      try communicator.onRoot { try inspect(console) }
    }
  }

  private func inspect(_ console: Console) throws {
    let model = try ModelFile(model)
    let checkpoint = model.checkpoint
    let run = try model.runFile()
    console.tell("File:       \(model.path)")
    console.tell("Run:        \(run.name)")
    console.tell("Epoch:      \(checkpoint.epoch), step \(grouped(checkpoint.step))")
    if let best = checkpoint.best {
      console.tell("Best:       epoch \(best.epoch), validation loss \(decimals(best.loss, 6))")
    }
    console.tell("Layers:     \([checkpoint.featureNames.count] + checkpoint.layers.map(\.outputs))")
    console.tell("Classes:    \(checkpoint.classNames.joined(separator: ", "))")
    console.tell(
      "Optimiser:  \(checkpoint.velocity.isEmpty ? "state not kept, for use only" : "state kept, training can go on")")
    console.tell()
    let width = (checkpoint.featureNames.map(\.count).max() ?? 0) + 2
    console.tell(padded("feature", width) + aligned("mean", 14) + aligned("std. dev.", 14))
    for (index, name) in checkpoint.featureNames.enumerated() {
      let mean = decimals(Double(checkpoint.standardization.mean[index]), 5)
      let deviation = decimals(1 / Double(checkpoint.standardization.scale[index]), 5)
      console.tell(padded(name, width) + aligned(mean, 14) + aligned(deviation, 14))
    }
    console.tell()
    console.tell(
      padded("layer", 8) + aligned("weights", 14) + aligned("smallest", 12) + aligned("largest", 12)
        + aligned("rms", 12))
    for (index, layer) in checkpoint.layers.enumerated() {
      let values = layer.weights.map { Double($0) }
      let rms = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      console.tell(
        padded("\(index)", 8) + aligned("\(layer.outputs) × \(layer.inputs)", 14)
          + aligned(decimals(values.min() ?? 0, 4), 12) + aligned(decimals(values.max() ?? 0, 4), 12)
          + aligned(decimals(rms, 4), 12))
    }
  }
}
