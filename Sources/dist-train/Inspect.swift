import ArgumentParser
import Events
import Machine
import MPI
import RunFiles
import Runs
import Training

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what a run folder or a checkpoint contains: epoch, layers, features, weights.",
    usage: "dist-train inspect <run>")

  @Argument(help: ArgumentHelp("A run folder (its best model is used), or one checkpoint.", valueName: "run"))
  var model: String

  func run() throws {
    try withOneRank { _ in try inspect(Console(speaks: true, progress: .off)) }
  }

  private func inspect(_ report: Console) throws {
    let file = try ModelFile(model)
    let checkpoint = file.checkpoint
    let trained = checkpoint.model
    let run = try file.runFile()
    report.print("File:       \(file.path)")
    report.print("Run:        \(run.name)")
    report.print("Epoch:      \(checkpoint.position.epoch), step \(grouped(checkpoint.step))")
    if let best = checkpoint.best {
      report.print("Best:       epoch \(best.epoch), validation loss \(decimals(best.value, 6))")
    }
    report.print("Layers:     \(trained.sizes)")
    report.print("Classes:    \(trained.classNames.joined(separator: ", "))")
    report.print(
      "Optimiser:  \(checkpoint.optimizer.isEmpty ? "not in this file, training cannot continue from it" : "in this file, training can continue from it")"
    )
    report.print()
    let width = (trained.featureNames.map(\.count).max() ?? 0) + 2
    report.print(padded("feature", width) + aligned("mean", 18) + aligned("std. dev.", 18))
    for (index, name) in trained.featureNames.enumerated() {
      let mean = decimals(Double(trained.standardization.mean[index]), 5)
      let deviation = decimals(1 / Double(trained.standardization.scale[index]), 5)
      report.print(padded(name, width) + " " + aligned(mean, 17) + " " + aligned(deviation, 17))
    }
    report.print()
    report.print(
      padded("layer", 8) + aligned("weights", 14) + aligned("smallest", 12) + aligned("largest", 12)
        + aligned("rms", 12))
    for (index, layer) in trained.layers.enumerated() {
      let values = layer.weights.map { Double($0) }
      let rms = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      report.print(
        padded("\(index)", 8) + aligned("\(layer.outputs) × \(layer.inputs)", 14)
          + aligned(decimals(values.min() ?? 0, 4), 12) + aligned(decimals(values.max() ?? 0, 4), 12)
          + aligned(decimals(rms, 4), 12))
    }
  }
}
