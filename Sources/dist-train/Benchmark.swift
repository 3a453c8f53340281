import ArgumentParser
import Training

struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure what this machine gives, without any files.",
    discussion: """
      mpirun -np 8 dist-train benchmark --efficiency
      dist-train benchmark --network 28-1024-1024-1024-2 --batch 1024

      Times whole steps of a training on made-up events, at several batch
      sizes, and tells how much of the processor's peak they use and where
      the time goes.
      """)

  @Option(help: ArgumentHelp("Events per step over all ranks.", valueName: "sizes"))
  var batch = "1,8,32,128,512,1024,4096,16384"

  @Option(help: ArgumentHelp("Units per layer: inputs, hidden layers, classes.", valueName: "layers"))
  var network = "15-30-30-30-4"

  @Option(
    help: ArgumentHelp(
      "The activation of the hidden layers: \(BenchmarkCommand.activations.joined(separator: ", ")).",
      valueName: "name"))
  var activation = "relu"

  @Option(
    help: ArgumentHelp(
      "How gradients are summed: \(BenchmarkCommand.reductions.joined(separator: ", ")).", valueName: "name"))
  var reduction = "exact"

  @OptionGroup var threads: ThreadOptions

  @Option(help: "How often everything is measured; medians are told.")
  var repeats = 7

  @Flag(help: "Measure one rank with one thread too, and tell the parallel efficiency.")
  var efficiency = false

  @Option(help: ArgumentHelp("Write the results here too.", valueName: "file"), completion: .file(extensions: ["json"]))
  var json: String?

  func validate() throws {
    do {
      _ = try BenchmarkCommand.batchSizes(batch)
      _ = try BenchmarkCommand.layerSizes(network)
    } catch {
      throw ValidationError(error.description)
    }
    if !BenchmarkCommand.activations.contains(activation) {
      throw ValidationError(
        "--activation \(activation): it is one of \(BenchmarkCommand.activations.joined(separator: ", "))")
    }
    if !BenchmarkCommand.reductions.contains(reduction) {
      throw ValidationError(
        "--reduction \(reduction): it is one of \(BenchmarkCommand.reductions.joined(separator: ", "))")
    }
    if repeats < 1 || repeats > 1000 { throw ValidationError("--repeats \(repeats): give a number from 1 to 1000") }
  }

  func run() throws {
    throw ExitCode(
      BenchmarkCommand(
        batchSizes: try BenchmarkCommand.batchSizes(batch), layerSizes: try BenchmarkCommand.layerSizes(network),
        activation: activation, reduction: reduction, threads: threads.threads, repeats: repeats,
        efficiency: efficiency, json: json
      ).run())
  }
}
