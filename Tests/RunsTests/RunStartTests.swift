import FoundationEssentials
import Machine
import MPI
import RunFiles
import Runs
import Testing
import TestSupport
import Training

@Suite struct RunStartTests {
  /// Why a start is refused; nil if it is not.
  private func refusal(_ request: RunRequest) throws -> Failure? {
    do {
      _ = try RunStart(request)
      return nil
    } catch let error as any ReportedError { return Failure(error) }
  }

  // MARK: New runs

  @Test func aFreeFolderIsTaken() throws {
    let tiny = try TinyRun()
    let start = try RunStart(tiny.request([("training.epochs", "5")]))
    #expect(start.folder.path == tiny.runFolder && start.resumed == nil && !start.isFinished)
    #expect(try start.run == tiny.wholeRunFile([("training.epochs", "5")]))
    // Nothing is written before all ranks agree.
    #expect(!FileSystem.exists(tiny.runFolder))
    #expect(try RunStart(tiny.continuation()).resumed == nil)
  }

  @Test func aRunFileThatIsMissingIsNamed() throws {
    var request = RunRequest()
    request.runFile = "/nowhere/run.yaml"
    let failure = try #require(try refusal(request))
    #expect(failure.exitCode == .missing && failure.description.contains("/nowhere/run.yaml"))
  }

  @Test func anotherRunsFolderIsLeftAlone() throws {
    let tiny = try TinyRun()
    try tiny.files.prepare()
    try put(try tiny.runFile([("training.seed", "8")]).yaml().utf8, tiny.files.configuration)
    for request in [tiny.request(), tiny.continuation()] {
      #expect(
        try refusal(request)
          == Failure(
            .usage,
            "\(tiny.runFolder): the folder holds a run with another run file; change name or output.directory, or "
              + "overwrite it with --force"))
    }
    var forced = tiny.request()
    forced.force = true
    #expect(try refusal(forced) == nil)
  }

  @Test func aFolderOfSomethingElseIsLeftAlone() throws {
    let tiny = try TinyRun()
    try tiny.files.prepare()
    // What a start left that was interrupted is no more than that.
    _ = try FolderOwner(claiming: tiny.files, as: .current)
    try put([1], tiny.files.costs)
    #expect(try refusal(tiny.request()) == nil)
    try put([1], "\(tiny.runFolder)/thesis.tex")
    let failure = Failure(
      .usage,
      "\(tiny.runFolder): the folder holds files that are not of this run; change name or output.directory, or overwrite "
        + "them with --force")
    #expect(try refusal(tiny.request()) == failure)
    try tiny.remove("\(tiny.runFolder)/thesis.tex")
    #expect(try refusal(tiny.request()) == nil)
    // A run file that cannot be read, or checkpoints without one, may be a run worth something.
    try put([1], tiny.files.checkpoint(epoch: 1).path)
    #expect(try refusal(tiny.request()) == failure)
    try tiny.remove(tiny.files.checkpoint(epoch: 1).path)
    try put("data: 1".utf8, tiny.files.configuration)
    #expect(try refusal(tiny.request()) == failure)
  }

  /// Whatever is asked for.
  @Test func aFolderInUseIsLeftAlone() throws {
    let tiny = try trained()
    try tiny.remove(tiny.files.status)
    // The parent of this process exists.
    let mine = ProcessIdentity.current
    let parent = try mine.parent()
    let owner = FolderOwner.Record(parent, host: "node01", job: nil, since: Date())
    _ = try FolderOwner(claiming: tiny.files, as: owner)
    var forced = tiny.request()
    forced.force = true
    for request in [tiny.request(), tiny.continuation(), tiny.resumption(), forced] {
      let failure = try #require(try refusal(request))
      #expect(failure.exitCode == .ranksDisagree)
      #expect(
        failure.description.hasPrefix("\(tiny.runFolder): another process is training in this folder (\(owner.name)); ")
      )
    }
  }

  @Test func anInterruptedRunIsNotOverwritten() throws {
    let tiny = try TinyRun()
    try tiny.files.prepare()
    try put(try tiny.wholeRunFile().yaml().utf8, tiny.files.configuration)
    try put([1], tiny.files.checkpoint(epoch: 0).path)
    #expect(try refusal(tiny.request()) == nil, "it has not come to a step")
    try put([1], tiny.files.checkpoint(epoch: 0, step: 3).path)
    #expect(
      try refusal(tiny.request())
        == Failure(
          .usage,
          "\(tiny.runFolder): this run was interrupted; continue it with --continue, or start it again with --force"))
    try put([1], tiny.files.metrics)
    let start = try RunStart(tiny.request())
    #expect(start.isFinished && start.resumed == nil, "it came to its end")
  }

  /// More blocks than `ExactScalar` adds exactly.
  @Test(arguments: [(4_194_303, true), (4_194_304, false), (1_000_000_000, false)])
  func aBatchHasSoManyBlocksAtMost(batch: Int, fits: Bool) throws {
    let tiny = try TinyRun()
    let request = tiny.request([("training.batch_size", "\(batch)"), ("training.block", "1")])
    let expected = Failure(
      .usage,
      "training.batch_size: a batch of \(grouped(batch)) events has more than 4,194,304 blocks of 1; make it smaller, or set a "
        + "larger training.block")
    #expect(try refusal(request) == (fits ? nil : expected))
  }

  // MARK: Runs that go on

  /// A run of three epochs that is over; without its end if it is interrupted.
  private func trained(isInterrupted: Bool = true) throws -> TinyRun {
    let tiny = try TinyRun(events: [20, 20, 20])
    try tiny.train()
    if isInterrupted { try tiny.remove(tiny.files.metrics) }
    return tiny
  }

  @Test func goesOnFromTheNewestCheckpoint() throws {
    let tiny = try trained()
    for request in [tiny.continuation(), tiny.resumption()] {
      let start = try RunStart(request)
      #expect(start.resumed?.file == tiny.files.checkpoint(epoch: 3) && !start.isFinished)
      #expect(try start.folder.path == tiny.runFolder && start.run == tiny.wholeRunFile())
    }
  }

  @Test func aFinishedRunIsFinishedUnlessItIsForced() throws {
    let tiny = try trained(isInterrupted: false)
    #expect(try RunStart(tiny.continuation()).isFinished)
    #expect(try !RunStart(tiny.resumption()).isFinished && RunStart(tiny.request()).isFinished)
    var again = tiny.request()
    again.force = true
    #expect(try !RunStart(again).isFinished)
    let longer = try RunStart(tiny.continuation([("training.epochs", "4")]))
    #expect(!longer.isFinished && longer.resumed?.file.epoch == 3 && longer.run.training.epochs == 4)
  }

  @Test func aFolderWithoutARunCannotBeResumed() throws {
    let tiny = try TinyRun()
    #expect(
      try refusal(tiny.resumption())?.description.hasPrefix(
        "--resume \(tiny.runFolder): there is no such run folder; ") == true)
    try tiny.files.prepare()
    #expect(
      try refusal(tiny.resumption())
        == Failure(
          .missing,
          "--resume \(tiny.runFolder): there is no run in this folder; give a run folder, such as runs/NAME"))
    try put(try tiny.runFile().yaml().utf8, tiny.files.configuration)
    #expect(
      try refusal(tiny.resumption())
        == Failure(
          .missing,
          "\(tiny.runFolder)/checkpoints: no checkpoint that can be read; start the run again with --force"))
  }

  @Test func resumeTakesNoRunFile() throws {
    let tiny = try TinyRun()
    var request = tiny.resumption()
    request.runFile = tiny.path
    #expect(
      try refusal(request)
        == Failure(
          .usage,
          "--resume \(tiny.runFolder): a resumed run has its own run file in its folder; leave out the other one"))
  }

  @Test func damagedCheckpointsArePassedOver() throws {
    let tiny = try trained()
    let newest = tiny.files.checkpoint(epoch: 3).path
    var bytes = try contents(newest)
    bytes[bytes.count - 1] ^= 1
    try put(bytes, newest)
    #expect(try RunStart(tiny.resumption()).resumed?.file.epoch == 2)
    // One that was renamed is not what its name says.
    try put(contents(tiny.files.checkpoint(epoch: 1).path), tiny.files.checkpoint(epoch: 2).path)
    #expect(try RunStart(tiny.resumption()).resumed?.file.epoch == 1)
    try put([], tiny.files.checkpoint(epoch: 1).path)
    #expect(
      try refusal(tiny.resumption())
        == Failure(
          .missing,
          "\(tiny.runFolder)/checkpoints: no checkpoint that can be read; start the run again with --force"))
  }

  /// A checkpoint is of no use without the model that was the best then, which several files have.
  @Test func theBestModelIsFoundWhereverItIs() throws {
    let tiny = try trained()
    let best = try Checkpoint(decoding: contents(tiny.files.model), path: "").position.epoch
    for path in [tiny.files.best(epoch: best), tiny.files.model] {
      #expect(try RunStart(tiny.resumption()).resumed?.file.epoch == 3)
      try tiny.remove(path)
    }
    // The checkpoint of the best epoch has it as well.
    #expect(try RunStart(tiny.resumption()).resumed?.file.epoch == 3)
    try tiny.remove(tiny.files.checkpoint(epoch: best).path)
    let older = try? RunStart(tiny.resumption()).resumed?.file.epoch
    #expect(older == nil || (older ?? 3) < best)
  }

  @Test func whatDecidesTheBitsCannotChange() throws {
    let tiny = try trained()
    let changes: [TinyRun.Override] = [
      ("training.optimizer.learning_rate", "0.1"), ("training.seed", "8"), ("training.batch_size", "16"),
      ("training.block", "8"), ("training.shuffle", "false"), ("network.hidden", "[8, 6]"),
      ("network.activation", "relu"), ("split", "{train: 0.5, validation: 0.25, test: 0.25}"),
      ("data.standardize", "false"), ("name", "other"),
    ]
    for change in changes {
      let failure = try #require(try refusal(tiny.resumption([change])), "\(change)")
      #expect(
        failure
          == Failure(
            .usage,
            "--resume \(tiny.runFolder): the run file is not that of the checkpoint; only training.epochs, "
              + "training.early_stopping, training.metrics, evaluation, data.directory, output.checkpoint_every, output.keep and safety "
              + "can change when a run continues; leave the other overrides out or start a new run"), "\(change)")
    }
    let continued = try #require(try refusal(tiny.continuation([("training.seed", "8")])))
    #expect(continued.description.hasPrefix("--continue: the run file is not that of the checkpoint; "))
  }

  @Test func howLongAndWhatToKeepCanChange() throws {
    let tiny = try trained()
    let changes: [TinyRun.Override] = [
      ("training.epochs", "9"), ("training.early_stopping", "{patience: 3}"), ("data.directory", "/elsewhere"),
      ("training.metrics", "[auc, loss]"), ("output.checkpoint_every", "2"), ("output.keep", "9"),
      ("safety.watchdog", "60"),
    ]
    let start = try RunStart(tiny.resumption(changes))
    #expect(
      start.resumed?.file.epoch == 3 && start.run.training.epochs == 9 && start.run.data.directory == "/elsewhere")
  }

  @Test func epochsThatAreTrainedStay() throws {
    let tiny = try trained()
    #expect(
      try refusal(tiny.resumption([("training.epochs", "2")]))
        == Failure(
          .usage,
          "--resume \(tiny.runFolder): the run has already trained 3 epochs, but training.epochs is 2; raise it"))
  }
}
