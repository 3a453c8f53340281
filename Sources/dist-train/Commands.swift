import ArgumentParser
import Training

/// How many threads.
struct ThreadOptions: ParsableArguments {
  @Option(help: "Threads per rank (default: this rank's fair share of the CPUs that it may run on).")
  var threads: Int?

  func validate() throws {
    // As many as Dispatch starts.
    if let threads, threads < 1 || threads > 256 {
      throw ValidationError("--threads \(threads): give 1 to 256 threads; start more ranks for more")
    }
  }
}

/// What a training is given, and a check of one.
struct TrainingOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The run file (default: \(TrainCommand.defaultRunFile)).", valueName: "run.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var runFile: String?

  @OptionGroup var threads: ThreadOptions

  @Option(
    help: ArgumentHelp(
      "Go on with an interrupted run from its newest intact checkpoint, on any number of ranks, to the same bits.",
      valueName: "run-folder"),
    completion: .directory)
  var resume: String?

  @Flag(
    name: .customLong("continue"),
    help: """
      Start, or go on from the newest checkpoint where the run's folder has one; a run that is finished is left alone. \
      For batch systems, which start a job again with the same arguments.
      """)
  var continues = false

  @Flag(help: "Overwrite the folder of another run.")
  var force = false

  @Option(help: ArgumentHelp("Draw a progress bar: auto (on a terminal), on or off.", valueName: "when"))
  var progress: ProgressBar = .auto

  @Option(
    help: ArgumentHelp(
      "Stop with a checkpoint when the program has run for so long; exit code 85, go on with --resume.",
      valueName: "seconds"))
  var maxSeconds: Int?

  @OptionGroup var overrides: Overrides

  func validate() throws {
    if let maxSeconds, maxSeconds < 1 {
      throw ValidationError("--max-seconds \(maxSeconds): give a whole number of seconds from 1 on")
    }
    if continues && (force || resume != nil) {
      throw ValidationError("--continue decides by itself; leave out \(force ? "--force" : "--resume")")
    }
  }
}

extension TrainingOptions {
  var command: TrainCommand {
    TrainCommand(
      runFile: runFile, overrides: overrides.pairs, threads: threads.threads, resume: resume, continues: continues,
      force: force, progress: progress.rawValue, maxSeconds: maxSeconds)
  }
}

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train the network of a run file (the default command).",
    discussion: """
      Leaves a folder <output.directory>/<name> with config.yaml, history.csv,
      costs.npy, metrics.json, checkpoints/ and the best model. The same run
      file, events and seed give the same bits on any number of ranks and
      threads.

      Any key of the run file can be replaced:
      --training.epochs=5 --network.hidden=[64,64]

      SIGUSR1, SIGTERM and SIGINT (control-C) end a run after the step that it
      is in, with a checkpoint and exit code 85; a second SIGINT ends it at once.
      """)

  @OptionGroup var training: TrainingOptions

  func run() throws { throw ExitCode(training.command.run()) }
}

enum ProgressBar: String, ExpressibleByArgument, CaseIterable {
  case auto, on, off
}

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell loss, accuracy and confusion matrix of a trained model.",
    discussion: "Without --data the events are the run's own test events, divided as in the training.")

  @Argument(help: ArgumentHelp("A run folder, or one of its checkpoints.", valueName: "run"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "A folder with other events in files of the same names; all of them count.", valueName: "folder"),
    completion: .directory)
  var data: String?

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    throw ExitCode(EvaluateCommand(model: model, data: data, threads: threads.threads).run())
  }
}

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the class probabilities of every event of a file.",
    discussion: "One row per event, one column per class, float32: numpy.load opens it.")

  @Argument(help: ArgumentHelp("A run folder, or one of its checkpoints.", valueName: "run"))
  var model: String

  @Argument(help: "The events: text as numpy.savetxt writes it, CSV or .npy.", completion: .file())
  var file: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "scores.npy"))
  var output: String

  @Option(help: ArgumentHelp("features_by_row or events_by_row (default: as in the run file)."))
  var layout: String?

  func validate() throws {
    if let layout, !PredictCommand.layouts.contains(layout) {
      throw ValidationError("--layout \(layout): it is one of \(PredictCommand.layouts.joined(separator: ", "))")
    }
  }

  func run() throws {
    throw ExitCode(PredictCommand(model: model, file: file, output: output, layout: layout).run())
  }
}

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Tell what a run folder or a checkpoint holds.")

  @Argument(help: ArgumentHelp("A run folder, or one of its checkpoints.", valueName: "run"))
  var model: String

  func run() throws {
    throw ExitCode(InspectCommand(model: model).run())
  }
}

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check whether a training can start, before a job waits in a queue for it.",
    discussion: """
      Takes what 'dist-train train' takes, and trains nothing: the run file is
      read, the event files must be there, and the run's folder must be free, or
      hold a run that --continue or --resume can go on with.
      """)

  @Flag(help: "Tell the paths of the event files and nothing else.")
  var files = false

  @Flag(help: "Tell the path of the run's folder and nothing else.")
  var folder = false

  @OptionGroup var training: TrainingOptions

  func run() throws {
    let answer: CheckCommand.Answer = files ? .eventFiles : folder ? .folder : .everything
    throw ExitCode(CheckCommand(training: training.command, answer: answer).run())
  }
}

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell how far runs are, from another machine too.",
    discussion: "Reads status.json in a run's folder, which a run renews every \(StatusCommand.interval) s.")

  @Argument(
    help: ArgumentHelp(
      "Run folders, or folders of runs (default: \(StatusCommand.defaultFolder)).", valueName: "folder"))
  var folders: [String] = []

  func run() throws {
    throw ExitCode(StatusCommand(folders: folders).run())
  }
}
