import ArgumentParser
import Machine
import Runs

/// The command line. Everything is parsed here, before MPI starts, so that a usage error is printed once.
@main
struct DistTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dist-train",
    abstract: "Trains classifiers of collider events on many cores and nodes.",
    discussion: """
      mpirun -np 8 dist-train                trains on the shipped events
      mpirun -np 8 dist-train my-run.yaml    trains on yours
      dist-train my-run.yaml                 one process: the same numbers

      Any key of the run file can be replaced: --training.epochs=5.
      'dist-train train --help' tells the options of a training.

      Exit codes: 0 done, 64 usage or run file, 65 bad data, 66 file missing,
      69 CPU too old, 70 internal or MPI error or a rank hangs, 74 cannot read or
      write, 75 diverged, 76 ranks disagree or another process goes on with the
      run, 85 stopped early, go on with --resume.
      """,
    version: version,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Inspect.self, Check.self, Status.self, BenchmarkCommand.self,
    ],
    defaultSubcommand: Train.self)

  static func main() {
    do {
      var command = try parseAsRoot(Overrides.rewritten(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch {
      exit(withError: error)
    }
  }
}
