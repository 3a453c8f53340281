public import Machine
public import MPI

/// Which events to load, and how to process them.
public struct EventLoader: Sendable {
  public var processes: [ProcessFiles]
  /// Where relative paths of files start.
  public var directory: String
  /// What is taken from the files.
  public var request: EventRequest
  public var split: Split
  public var seed: UInt64
  public var scaling: Scaling
  public var classWeights: ClassWeights
  /// The mean weight of an earlier training; nil: that of the training events loaded here.
  public var meanWeight: Double?
  /// The classes, and what each process is for; nil: every process is a class.
  public var classes: EventClasses?
  /// Where the weights of events come from; which of its columns are read of which process follows from here.
  public var weighting: Weighting
  /// The class factors and mean weights of an earlier training; nil: those of the training events loaded here.
  public var former: FormerWeights?
  /// The preprocessing; nil: the requested columns are the features.
  public var preprocessing: PreprocessingSource?

  public init(
    processes: [ProcessFiles], directory: String, request: EventRequest, split: Split, seed: UInt64, scaling: Scaling,
    classWeights: ClassWeights, meanWeight: Double? = nil, classes: EventClasses? = nil,
    weighting: Weighting = Weighting(), former: FormerWeights? = nil, preprocessing: PreprocessingSource? = nil
  ) {
    self.processes = processes
    self.directory = directory
    self.request = request
    self.split = split
    self.seed = seed
    self.scaling = scaling
    self.classWeights = classWeights
    self.meanWeight = meanWeight
    self.classes = classes
    self.weighting = weighting
    self.former = former
    self.preprocessing = preprocessing
  }

  /// The names of the network's inputs.
  var featureNames: [String] { preprocessing?.preprocessing.inputNames ?? request.features }

  /// Adds to a request what is needed from the process of this number.
  func complete(_ request: inout EventRequest, _ number: Int) {
    ExtraColumns.complete(
      &request, number, classes ?? EventClasses(eachOf: processes.map(\.name)), weighting, split)
    if let preprocessing { preprocessing.preprocessing.complete(&request) }
  }

  /// The memory that ``load(_:didRead:)`` takes on rank 0.
  public var memory: EventMemory {
    EventMemory(
      processes, directory: directory, request, features: preprocessing.map { $0.preprocessing.inputNames.count },
      weightColumns: weightColumns, completing: complete)
  }

  /// Refuses files that cannot be read, as far as their beginnings tell: another format, a column that is not there. Weights in
  /// text are read.
  public func checkHeads() throws(DataError) {
    for (number, process) in processes.enumerated() {
      var request = request
      complete(&request, number)
      let weights = process.weightPaths(in: directory)
      for (index, path) in process.paths(in: directory).enumerated() {
        try checkHead(file: path, request)
        guard index < weights.count else { continue }
        _ = try FileWeights(
          weights[index], windowSize: request.windowSize, request.text, allowsUnusable: request.allowsUnusable)
      }
    }
  }

  /// How many columns of weights the store has, at most.
  private var weightColumns: Int {
    let hasWeights =
      !weighting.numbers.isEmpty || classes?.roles.contains { $0.scale != nil } ?? false
      || processes.contains { !$0.weightFiles.isEmpty }
    return hasWeights ? 2 + weighting.variations.count : weighting.share == .weight ? 0 : 1
  }

  /// Reads, checks and divides the events on rank 0 and gives them to all ranks; every host has one copy. If rank 0 cannot
  /// read, or a host has no room, all ranks fail in the same way. `didRead` receives on rank 0 the files that were read, before
  /// the events are moved. The digest of the events is of the same kind as `digest`, where that is given on rank 0.
  ///
  /// If `processors` gives the CPUs of all ranks of its host, rank 0 uses them while the other ranks sleep.
  /// - Collective: every rank of the communicator calls it.
  public func load(
    _ communicator: borrowing Communicator, _ processors: ProcessorSet? = nil, digestLike digest: String? = nil,
    didRead: ([EventFile]) -> Void = { _ in }
  ) throws -> LoadedEvents {
    guard communicator.isRoot, communicator.size > 1, let processors else {
      return try loadTogether(communicator, digest, didRead)
    }
    return try processors.lend { try loadTogether(communicator, digest, didRead) }
  }

  private func loadTogether(
    _ communicator: borrowing Communicator, _ digest: String?, _ didRead: ([EventFile]) -> Void
  ) throws -> LoadedEvents {
    // On rank 0.
    var division: EventDivision?
    var files: [[EventFile]] = []
    let header: EventStore.Header = try communicator.fromRoot {
      // With a selection, the number of events is known only after reading.
      if preprocessing?.preprocessing.selection == nil { try memory.require() }
      let read = try readProcesses(processes, directory: directory, request, completing: complete)
      var first = 0
      files = try read.map { process in
        try process.files.map { file throws(DataError) in
          var file = try file.digested()
          file.first = first
          first += file.events
          return file
        }
      }
      didRead(files.flatMap { $0 })
      let divided = try EventDivision(
        read, featureNames: featureNames, split: split, seed: seed, scaling: scaling, classWeights: classWeights,
        classes: classes, weighting: weighting, meanWeight: meanWeight, former: former, preprocessing: preprocessing)
      division = divided
      // Of text the number of events was an estimate until now.
      try EventMemory(of: divided.header).require()
      return divided.header
    }
    let warnings = division?.warnings ?? []
    // Rank 0 moves the events to their places, and the others wait.
    var fault: DataError?
    let store = try communicator.watchdog.during(.reading) {
      do {
        return try EventStore(header, sharedBy: communicator) { contents in
          do throws(DataError) { try division?.move(to: &contents) } catch { fault = error }
        }
      } catch let shortage as MemoryShortage { throw AgreedFailure(.inputOutput, "\(shortage)") }
    }
    let found = try communicator.fromRoot {
      if let fault { throw fault }
      for file in files.joined() { try file.requireUnchanged() }
      return EventsDigest.isOfFiles(digest) ? EventsDigest.hexDigest(of: files) : store.digest
    }
    return LoadedEvents(
      store: store, digest: found, files: files.flatMap { $0 }, warnings: warnings,
      uses: division?.uses ?? [])
  }
}

/// Events in the memory of every host.
public struct LoadedEvents: Sendable {
  public let store: EventStore
  /// Identifies these events: see `EventsDigest`.
  public let digest: String
  /// On rank 0: the files that were read.
  public let files: [EventFile]
  /// On rank 0: what users should know of the features and the weights, a line each.
  public let warnings: [String]
  /// On rank 0: what each event is used for, in the order of the files.
  public let uses: [EventUse]
}
