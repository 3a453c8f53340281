internal import Events
internal import MPI

extension RunFile {
  /// Reads, checks and divides the events on rank 0 and gives them to all ranks, with the digest of what was read.
  ///
  /// All ranks call it together; if rank 0 cannot read, all of them fail in the same way.
  func loadDataset(
    _ communicator: borrowing Communicator, for use: DatasetUse, files: ([ProcessEvents]) -> Void
  ) throws -> (dataset: Dataset, digest: String) {
    var loaded: Dataset?
    let header: DatasetHeader = try communicator.fromRoot {
      let processes = try readProcesses(
        data.processes.map { ProcessFiles(name: $0.name, files: $0.files) }, directory: data.directory,
        features: data.features, layout: data.layout)
      files(processes)
      let dataset = try self.dataset(of: processes, for: use)
      loaded = dataset
      return DatasetHeader(dataset, digest: dataset.digest)
    }
    var dataset = loaded ?? header.emptyDataset
    try communicator.broadcast(&dataset.features, from: 0)
    try communicator.broadcast(&dataset.labels, from: 0)
    try communicator.broadcast(&dataset.weights, from: 0)
    return (dataset, header.digest)
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
  private func dataset(of processes: [ProcessEvents], for use: DatasetUse) throws -> Dataset {
    // A share of 0 means none at all, though the others may miss 1 by a rounding.
    let division = Split(
      training: split.validation == 0 && split.test == 0 ? 1 : split.train,
      validation: split.test == 0 ? 1 : split.validation)
    switch use {
    case .training:
      let scaling: Dataset.Scaling =
        data.standardize ? .measured : .given(.identity(features: data.features.count))
      return try Dataset(
        processes, featureNames: data.features, split: division, seed: training.seed, scaling: scaling,
        classWeights: training.classWeights.forDataset)
    case .division(let model), .test(let model):
      let split = if case .test = use { Split(training: 0, validation: 0) } else { division }
      return try Dataset(
        processes, featureNames: data.features, split: split, seed: training.seed,
        scaling: .given(model.standardization), classWeights: .perProcess(model.classWeights.map { Double($0) }))
    }
  }
}

extension Dataset {
  /// SHA-256 of features and labels as they stand in memory.
  var digest: String {
    var hash = SHA256()
    hash.update(bytesOf: features)
    hash.update(bytesOf: labels)
    return hash.hexadecimal()
  }
}

/// All of a data set but its arrays.
private struct DatasetHeader: Codable {
  var classNames: [String]
  var featureNames: [String]
  var counts: [[Int]]
  var mean: [Float]
  var scale: [Float]
  var classWeights: [Float]
  var digest: String

  init(_ dataset: Dataset, digest: String) {
    classNames = dataset.classNames
    featureNames = dataset.featureNames
    counts = dataset.counts.map { [$0.training, $0.validation, $0.test] }
    mean = dataset.standardization.mean
    scale = dataset.standardization.scale
    classWeights = dataset.classWeights
    self.digest = digest
  }

  var emptyDataset: Dataset {
    Dataset(
      classNames: classNames, featureNames: featureNames,
      counts: counts.map { Dataset.Counts(training: $0[0], validation: $0[1], test: $0[2]) },
      standardization: Standardization(mean: mean, scale: scale), classWeights: classWeights)
  }
}
