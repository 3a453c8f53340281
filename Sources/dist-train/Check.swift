import ArgumentParser
import Benchmark
import Checks
import Events
import Kernels
import Machine
import MPI
import NeuralNetwork
import RunFiles
import Runs
import Training

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a run file and its events before a training.",
    usage: "dist-train check [run.yaml] [--section.key=value ...] [options]",
    discussion: """
      Use it before you submit a job. It takes the same arguments as 'dist-train
      train'. It reads the run file and checks that the event files exist and
      have the columns that the run file names, that the events fit into memory,
      that the run's folder is free or holds a run that --continue or --resume
      can continue, and that no other process is training there.

      It then reads the events and lists its findings: errors, which would stop a
      training; warnings, with which a training would start but probably not do
      what you want; and notes, which may be intended. Each finding has a name
      (nan, sentinel, units-between-processes, class-leak,
      duplicates-between-splits, ...), a location and advice. The exit code is 65
      if there are errors.

      The memory that the events need is computed from the headers of .npy files
      and estimated from the size and first lines of text files. The training
      time is estimated from a few measured steps on random events.
      """)

  @Flag(help: "Print only the paths of the event files.")
  var files = false

  @Flag(help: "Print only the path of the run's folder.")
  var folder = false

  @Flag(
    help: "The training will run on another machine: print the memory that the events need, even if this one has less.")
  var elsewhere = false

  @Option(help: ArgumentHelp("The number of ranks of the training.", valueName: "number"))
  var ranks = 1

  @Option(help: ArgumentHelp("The number of hosts they run on.", valueName: "number"))
  var hosts = 1

  @Option(
    help: ArgumentHelp(
      "Read about this many events of each process, evenly spread (default: 4,194,304; fewer with more than 8 processes).",
      valueName: "events"))
  var sample: Int?

  @Option(
    help: ArgumentHelp(
      "The random seed that selects the events to read, and those to examine closely.", valueName: "seed"))
  var sampleSeed: UInt64 = 1

  @Flag(help: "Look only at the beginning of each event file.")
  var headsOnly = false

  @Option(
    help: ArgumentHelp("Also write the findings to this file, as JSON.", valueName: "file.json"),
    completion: .file(extensions: ["json"]))
  var json: String?

  @OptionGroup var training: TrainingOptions

  func validate() throws {
    if ranks < 1 || ranks > 1_000_000 { throw ValidationError("--ranks \(ranks): give a whole number from 1 on") }
    if hosts < 1 || hosts > 1_000_000 { throw ValidationError("--hosts \(hosts): give a whole number from 1 on") }
    if let sample, sample < 1 || sample > 1_000_000_000 {
      throw ValidationError("--sample \(sample): give a number of events from 1 to 1,000,000,000")
    }
  }

  func run() throws { try withoutMPI(check) }

  private func check() throws {
    let request = training.request
    func print(_ lines: [String]) { StandardStream.output.write(lines.joined(separator: "\n") + "\n") }
    // Independent of the contents of the run's folder.
    if files { return print(try eventFiles(of: RunStart.find(request).run).map(\.path)) }
    if folder { return print([try RunStart.find(request).folder.path]) }
    let start = try RunStart(request)
    let run = start.run
    let files = try eventFiles(of: run)
    let output = try jsonOutput(json, inputs: files.map(\.path))
    let loader = run.loader(for: .training)
    let fault = try faultOfHeads(loader)
    let memory = loader.memory
    if !elsewhere { try memory.require() }
    let heading =
      [
        "Run: \(run.name), \(grouped(run.training.epochs)) epoch\(run.training.epochs == 1 ? "" : "s")",
        "Run folder: \(start.folder.path)\(state(of: start))",
        "Network: \(run.networkSpecification.sizes)",
      ] + (run.data.preprocessing?.lines ?? [])
    let list = files.map { "\($0.what): \($0.path) (\(grouped(($0.size + 999) / 1000)) kB)" }
    let amount = "Memory for the events: \(memory.isEstimate ? "about " : "")\(MemoryBounds.amount(memory.bytes))"
    print(heading + list + [amount])
    if headsOnly {
      if let fault { throw fault }
      return
    }
    var report = CheckReport(run, start.folder.path, memory)
    try look(loader, run, &report)
    print(report.lines)
    try output?.write(Array((Runs.json(report) + "\n").utf8))
    guard let first = report.findings.first, first.severity == .error else { return }
    if let fault { throw fault }
    throw Failure(.badData, "\(first.file.map { "\($0): " } ?? "")\(first.line)".onOneLine)
  }

  /// Reads and checks the events and the plan, and measures how long the training takes.
  private func look(_ loader: EventLoader, _ run: RunFile, _ report: inout CheckReport) throws {
    do { try loader.memory.requireForReading() } catch {
      report.findings = [
        Finding(
          .warning, "not-read", what: "the events were not checked: \(Failure(error))",
          advice: "check them on a machine with enough memory")
      ]
      return
    }
    let eventsRead = sample ?? SurveyPlan.defaultEventsRead(processes: loader.processes.count)
    let survey = loader.survey(SurveyPlan(eventsRead: eventsRead, seed: sampleSeed))
    let placement = Placement([
      Placement.Rank(host: hostName(), cpus: ProcessorAffinity.cpus(), threads: training.threads.threads)
    ])
    let plan = RunPlan(run, survey, ranks: ranks, threads: placement.threads(ofRank: 0))
    let order = Finding.Severity.allCases
    let findings = EventCheck.findings(in: survey) + plan.findings
    report.findings = order.flatMap { severity in findings.filter { $0.severity == severity } }
    (report.events, report.eventsRead) = (survey.events, survey.eventsRead)
    report.plan = plan.lines
    guard plan.trainingEvents > 0 else { return }
    report.setMemory(
      ofRank: run.trainerOptions.workingMemory(events: plan.trainingEvents, threads: plan.threads),
      ranks: (ranks + hosts - 1) / hosts)
    guard run.training.epochs > 0, KernelSet.refusal == nil else { return }
    let threads = min(plan.threads, ProcessorAffinity.cpus().count)
    let memory = run.trainerOptions.workingMemory(events: 1 << 16, threads: threads)
    guard (try? HostMemory().require(memory, for: "", advice: "")) != nil else { return }
    let time = try ExpectedTime(
      run.trainerOptions, batchSize: min(run.training.batchSize, plan.trainingEvents),
      hasWeights: survey.processes.contains { $0.weights != nil }, threads: threads)
    report.setTime(
      seconds: time.seconds(
        epochs: run.training.epochs, trainingEvents: plan.trainingEvents, validationEvents: plan.validationEvents),
      microsecondsPerStep: time.microsecondsPerStep, threads: time.threads, plan, run)
  }

  /// The first error at the beginning of an event file. Throws if a file is missing or unreadable.
  private func faultOfHeads(_ loader: EventLoader) throws -> DataError? {
    do throws(DataError) { try loader.checkHeads() } catch {
      guard error.exitCode == .badData else { throw error }
      return error
    }
    return nil
  }

  private func state(of start: RunStart) -> String {
    if start.isFinished { return ", finished" }
    return start.resumed.map { ", with a checkpoint after epoch \($0.file.epoch)" } ?? ""
  }

  /// The event files of a run, which must exist.
  private func eventFiles(of run: RunFile) throws -> [(what: String, path: String, size: Int)] {
    try run.data.processes.flatMap { process in
      let (paths, weights) = (process.paths(in: run.data.directory), process.weightPaths(in: run.data.directory))
      return try paths.map { (what: "Events of \(process.name)", path: $0, size: try OpenFile($0, .read).size()) }
        + weights.map { (what: "Weights of \(process.name)", path: $0, size: try OpenFile($0, .read).size()) }
    }
  }
}
