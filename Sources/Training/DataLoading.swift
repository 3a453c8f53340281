internal import Events
internal import MPI

extension RunFile {
  /// Reads, checks and divides the events on rank 0 and gives them to all ranks, with the digest of what was read.
  ///
  /// Every host has one copy. All ranks call it together; if rank 0 cannot read, or a host has no room, all of them fail
  /// in the same way.
  func loadDataset(
    _ communicator: borrowing Communicator, for use: DatasetUse, files: ([ProcessEvents]) -> Void
  ) throws -> (dataset: Dataset, digest: String) {
    var processes: [ProcessEvents] = []
    var division: DatasetDivision?
    var header: DatasetHeader = try communicator.fromRoot {
      processes = try readProcesses(
        data.processes.map { ProcessFiles(name: $0.name, files: $0.files) }, directory: data.directory,
        features: data.features, layout: data.layout)
      files(processes)
      let divided = try DatasetDivision(processes, split: split(for: use), seed: training.seed)
      division = divided
      return DatasetHeader(
        classNames: processes.map(\.name), featureNames: data.features, counts: divided.counts,
        numbers: divided.numbers(features: data.features.count))
    }
    let memory: SharedMemory
    let before = communicator.watchdog.currentPhase
    communicator.watchdog.enter(.reading)  // Rank 0 moves the events to their places.
    defer { communicator.watchdog.enter(before) }
    do {
      memory = try communicator.share(count: header.numbers) { numbers in
        let standardization = division?.move(
          &processes, to: &numbers, features: data.features.count, scaling: scaling(for: use))
        header.standardize(standardization)
      }
    } catch let shortage as MemoryShortage {
      throw AgreedFailure(failure: Failure(.inputOutput, "\(shortage)"))
    }
    header = try communicator.fromRoot {
      header.classWeights = Dataset.weights(classWeights(for: use), counts: header.datasetCounts)
      header.digest = header.dataset(memory).digest
      return header
    }
    return (header.dataset(memory), header.digest)
  }
}

/// What events are loaded for.
enum DatasetUse {
  /// Training: scaling and class weights are measured.
  case training
  /// The same division of the same events, with a model's scaling and class weights.
  case division(Checkpoint)
  /// All events are test events of a model.
  case test(Checkpoint)
}

extension RunFile {
  /// How the events of a training are divided.
  var trainingSplit: Split {
    // A share of 0 means none at all, though the others may miss 1 by a rounding.
    Split(
      training: split.validation == 0 && split.test == 0 ? 1 : split.train,
      validation: split.test == 0 ? 1 : split.validation)
  }

  private func split(for use: DatasetUse) -> Split {
    if case .test = use { return Split(training: 0, validation: 0) }
    return trainingSplit
  }

  private func scaling(for use: DatasetUse) -> Dataset.Scaling {
    switch use {
    case .training: data.standardize ? .measured : .given(.identity(features: data.features.count))
    case .division(let model), .test(let model): .given(model.standardization)
    }
  }

  private func classWeights(for use: DatasetUse) -> Dataset.ClassWeights {
    switch use {
    case .training: training.classWeights.forDataset
    case .division(let model), .test(let model): .perProcess(model.classWeights.map { Double($0) })
    }
  }
}

extension Dataset {
  /// SHA-256 of the numbers as they stand in memory.
  fileprivate var digest: String {
    var hash = SHA256()
    withNumbers { hash.update(bytesOf: $0) }
    return hash.hexadecimal()
  }
}

/// All of a data set but its numbers.
private struct DatasetHeader: Codable {
  let classNames: [String]
  let featureNames: [String]
  let counts: [[Int]]
  /// How many numbers there are.
  let numbers: Int
  // Known when the numbers are in their places.
  private var mean: [Float] = []
  private var scale: [Float] = []
  var classWeights: [Float] = []
  var digest = ""

  init(classNames: [String], featureNames: [String], counts: [Dataset.Counts], numbers: Int) {
    self.classNames = classNames
    self.featureNames = featureNames
    self.counts = counts.map { [$0.training, $0.validation, $0.test] }
    self.numbers = numbers
  }

  var datasetCounts: [Dataset.Counts] {
    counts.map { Dataset.Counts(training: $0[0], validation: $0[1], test: $0[2]) }
  }

  mutating func standardize(_ standardization: Standardization?) {
    mean = standardization?.mean ?? []
    scale = standardization?.scale ?? []
  }

  func dataset(_ memory: SharedMemory) -> Dataset {
    Dataset(
      classNames: classNames, featureNames: featureNames, counts: datasetCounts,
      standardization: Standardization(mean: mean, scale: scale), classWeights: classWeights, memory: memory)
  }
}
