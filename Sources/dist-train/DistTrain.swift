import ArgumentParser
import Machine
import MPI
import Runs

/// The command line. Everything is parsed here, before MPI starts, so that a usage error is printed once.
@main
struct DistTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dist-train",
    abstract: "Train classifiers of collider events on one computer or many.",
    usage: """
      dist-train [train] [run.yaml] [options]
      dist-train <command> [arguments] [options]
      """,
    discussion: """
      dist-train my-run.yaml                 train in one process, on all its cores
      mpirun -np 8 dist-train my-run.yaml    in 8 processes: the same numbers
      dist-train evaluate runs/my-run        what has the model learned?

      The run file names the events, the network and how it is trained;
      data/hh-bbww.yaml explains every key. Any key can be replaced on the
      command line: --training.epochs=5. 'dist-train train --help' lists the
      options of a training.

      Exit codes: 0 done, 64 wrong command line or run file, 65 bad data,
      66 file missing, 69 CPU too old, 70 internal or MPI error or a rank
      hangs, 74 cannot read or write, or too little memory for the events,
      75 diverged, 76 ranks disagree or another process trains in the run's
      folder, 85 stopped early: continue with --resume.
      """,
    version: version,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Features.self, Inspect.self, Check.self, Status.self,
      BenchmarkCommand.self,
    ],
    defaultSubcommand: Train.self)

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do { try withoutMPI { try Overrides.check(arguments) } } catch { exit(withError: error) }
    if let error = UsageError.mistyped(in: arguments) { exit(withUsageError: error.message) }
    let command: any ParsableCommand
    do { command = try parseAsRoot(Overrides.rewritten(arguments)) } catch {
      // Help and version are "errors" too.
      if exitCode(for: error).isSuccess { exit(withError: error) }
      exit(
        withUsageError: CommandTable.current.flatMap { UsageError.first(in: arguments, $0) }?.message
          ?? message(for: error))
    }
    do {
      var command = command
      if isTrial {
        if let train = command as? Train { try train.find() }
      } else {
        try command.run()
      }
    } catch {
      exit(withError: error)
    }
  }

  /// Whether to read the command line and the run file and stop: launch/local finds mistakes in them with one
  /// process, before it starts the ranks.
  private static var isTrial: Bool { environmentVariable("DIST_TRAIN_TRIAL") != nil }

  /// Ends every rank; one of them prints why.
  private static func exit(withUsageError message: String) -> Never {
    if LaunchEnvironment.currentRank ?? 0 == 0 {
      StandardStream.error.write("dist-train: \(message.onOneLine)\n")
    }
    exit(withError: ArgumentParser.ExitCode(Machine.ExitCode.usage.rawValue))
  }
}
