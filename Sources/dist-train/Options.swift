import ArgumentParser
import Events
import Machine
import Runs

/// How many threads.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads per rank (default: an equal share of the CPUs that are available on its host).", valueName: "number"))
  var threads: Int?

  func validate() throws {
    // As many as Dispatch starts.
    if let threads, threads < 1 || threads > 256 {
      throw ValidationError("--threads \(threads): give a number from 1 to 256, and start more ranks for more")
    }
  }
}

extension Console.Progress: ExpressibleByArgument {}

/// The arguments of a training and of its check.
struct TrainingOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The run file (default: \(RunRequest.defaultRunFile)).", valueName: "run.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var runFile: String?

  @OptionGroup var threads: ThreadOptions

  @Option(
    help: ArgumentHelp(
      "Continue this run from its newest intact checkpoint, on any number of ranks, with bit-identical results.",
      valueName: "run-folder"),
    completion: .directory)
  var resume: String?

  @Flag(
    name: .customLong("continue"),
    help: """
      Continue from the newest checkpoint if the run's folder has one, else start; a finished run is not touched. For batch \
      systems, which restart a job with the same arguments.
      """)
  var continues = false

  @Flag(help: "Overwrite the folder of another run, or train a finished run again.")
  var force = false

  @Option(help: ArgumentHelp("Whether to draw a progress bar; auto: only on a terminal.", valueName: "when"))
  var progress: Console.Progress = .auto

  @Option(
    help: ArgumentHelp(
      "Stop after this time with a checkpoint and exit code 85; --resume continues the run.",
      valueName: "seconds"))
  var maxSeconds: Int?

  @OptionGroup var overrides: Overrides

  func validate() throws {
    if let maxSeconds, maxSeconds < 1 {
      throw ValidationError("--max-seconds \(maxSeconds): give a positive whole number of seconds")
    }
    if continues && (force || resume != nil) {
      throw ValidationError(
        "--continue and \(force ? "--force" : "--resume") cannot be combined; leave out \(force ? "--force" : "--resume")"
      )
    }
  }

  /// The same for the floors below.
  var request: RunRequest {
    var request = RunRequest()
    request.runFile = runFile
    request.overrides = overrides.pairs
    request.threads = threads.threads
    request.resume = resume
    request.continues = continues
    request.force = force
    request.progress = progress
    request.maxSeconds = maxSeconds
    return request
  }
}

/// The names of an enumeration, for help and messages.
func names<Choice: CaseIterable & RawRepresentable<String>>(of type: Choice.Type) -> String {
  type.allCases.map(\.rawValue).joined(separator: ", ")
}

/// What `text`, the value of an option, names.
func choice<Choice: CaseIterable & RawRepresentable<String>>(
  _ text: String, of option: String
) throws(ValidationError) -> Choice {
  guard let choice = Choice(rawValue: text) else {
    throw ValidationError("\(option) \(text): give one of \(names(of: Choice.self))")
  }
  return choice
}

/// The file that `--json` names, checked before the work: it ends in `.json`, is none of `inputs` and no file of a run.
func jsonOutput(_ json: String?, inputs: [String] = []) throws -> OutputFile? {
  guard let json else { return nil }
  let output = try OutputFile(json, inputs: inputs)
  guard output.isStream || Path.hasEnding("json", json) else {
    throw Failure(.usage, "\(json.onOneLine): the results are JSON; give a name that ends in .json")
  }
  try RunFolder.requireNoFileOfARun(json)
  return output
}

/// A model, and a file of events for it.
struct EventFileOptions: ParsableArguments {
  @OptionGroup var trained: RunArgument

  @Argument(
    help: ArgumentHelp(
      "The event file: text as numpy.savetxt writes it, CSV, .npy or .npz.", valueName: "events"),
    completion: .file())
  var file: String

  @OptionGroup var layout: LayoutOption

  var model: String { trained.model }
}

/// A model.
struct RunArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("A run folder (its best model is used), or one checkpoint.", valueName: "run"))
  var model: String
}

/// How files of events are laid out.
struct LayoutOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The layout of the event file: features_by_row or events_by_row (default: as in the run file).",
      valueName: "name"))
  var layout: String?

  func validate() throws { _ = try fileLayout }

  /// The requested layout.
  var fileLayout: FileLayout? { get throws { try layout.map { try choice($0, of: "--layout") } } }
}
