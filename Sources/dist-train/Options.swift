import ArgumentParser
import Runs

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

extension Console.Progress: ExpressibleByArgument {}

/// What a training is given, and a check of one.
struct TrainingOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The run file (default: \(RunRequest.defaultRunFile)).", valueName: "run.yaml"),
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
  var progress: Console.Progress = .auto

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
    throw ValidationError("\(option) \(text): it is one of \(names(of: Choice.self))")
  }
  return choice
}
