import ArgumentParser
import Events
import Machine
import MPI
import NeuralNetwork
import Results
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
      report.print("Best:       epoch \(best.epoch), validation \(best.metric.name) \(decimals(best.value, 6))")
    }
    report.print("Layers:     \(trained.sizes)")
    for line in run.networkSpecification.layerDescriptions(ofAll: true) { report.print("            \(line)") }
    report.print("Objective:  \(run.objective)")
    report.print("Classes:    \(trained.classNames.joined(separator: ", "))")
    report.print("Optimiser:  \(run.training.optimizer.description)")
    report.print(
      "State:      \(checkpoint.optimizer.isEmpty ? "not in this file, training cannot continue from it" : "\(checkpoint.optimizer.map(\.name).joined(separator: ", ")): training can continue from this file")"
    )
    if let plateau = checkpoint.plateau {
      report.print(
        "Plateau:    learning rate \(plateau.learningRate), \(counted(plateau.wait, "epoch")) without a better value")
    }
    for line in trained.preprocessing?.preprocessing.lines ?? [] { report.print(line) }
    report.print()
    let width = (trained.featureNames.map(\.count).max() ?? 0) + 2
    report.print(padded("feature", width) + aligned("mean", 18) + aligned("std. dev.", 18))
    for (index, name) in trained.featureNames.enumerated() {
      let mean = decimals(Double(trained.standardization.mean[index]), 5)
      let deviation = decimals(1 / Double(trained.standardization.scale[index]), 5)
      report.print(padded(name, width) + " " + aligned(mean, 17) + " " + aligned(deviation, 17))
    }
    report.print()
    print("layer", trained.layers, report) { decimals($0, 4) }
    for state in checkpoint.optimizer {
      report.print()
      print(state.name, state.layers, report, number: threeDigits)
    }
  }

  /// A number of any magnitude: an optimiser's may be tiny.
  private func threeDigits(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return "\(number)" }
    var (digits, exponent) = (number, 0)
    while digits.magnitude >= 9.995 { (digits, exponent) = (digits / 10, exponent + 1) }
    while digits.magnitude < 0.9995 { (digits, exponent) = (digits * 10, exponent - 1) }
    return "\(decimals(digits, 2))e\(exponent)"
  }

  /// A table of the weights of all layers, or of what an optimiser keeps of them, under this title.
  private func print(
    _ title: String, _ layers: [Model.Layer], _ report: Console, number: (Double) -> String
  ) {
    report.print(
      padded(title, 10) + aligned("weights", 14) + aligned("smallest", 12) + aligned("largest", 12)
        + aligned("rms", 12))
    func printRow(_ label: String, _ shape: String, _ values: [Float]) {
      let values = values.map { Double($0) }
      let rms = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      report.print(
        padded(label, 10) + aligned(shape, 14) + aligned(number(values.min() ?? 0), 12)
          + aligned(number(values.max() ?? 0), 12) + aligned(number(rms), 12))
    }
    for (index, layer) in layers.enumerated() {
      printRow("\(index)", "\(layer.outputs) × \(layer.inputs)", layer.weights)
      guard let norm = layer.norm else { continue }
      printRow("", "scales", norm.scales)
      printRow("", "shifts", norm.shifts)
    }
  }
}
