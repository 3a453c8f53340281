package import NeuralNetwork
package import Results

extension Trainer {
  /// The settings of a training; the names are those of the run file.
  package struct Options: Equatable, Sendable {
    package var network: NetworkSpecification
    package var initializer: Initializer
    package var optimizer: OptimizerOptions
    /// The factor of the L2 penalty l2 · Σ w² over all weights; biases are not among them.
    package var l2: Double
    package var schedule: LearningRateSchedule
    /// Epochs, not necessarily whole, in which the learning rate rises linearly from 0.
    package var warmupEpochs: Double
    /// Events per step over all ranks.
    package var batchSize: Int
    /// Events per block.
    package var block: Int
    /// How many epochs the schedule has.
    package var epochs: Int
    /// Whether the events are shuffled anew in each epoch.
    package var shuffle: Bool
    /// Decides all random numbers.
    package var seed: UInt64
    package var reduction: Reduction
    /// Steps from one comparison of all ranks' parameters to the next; nil: none but the run's own.
    package var replicaCheck: Int?
    /// The metrics that evaluations compute.
    package var metrics: [Metric]

    package init(
      network: NetworkSpecification, initializer: Initializer,
      optimizer: OptimizerOptions, l2: Double = 0, schedule: LearningRateSchedule = .constant, warmupEpochs: Double = 0,
      batchSize: Int, block: Int? = nil, epochs: Int, shuffle: Bool = true, seed: UInt64,
      reduction: Reduction = .exact, replicaCheck: Int? = nil, metrics: [Metric] = [.loss, .accuracy]
    ) {
      self.network = network
      self.initializer = initializer
      self.optimizer = optimizer
      self.l2 = l2
      self.schedule = schedule
      self.warmupEpochs = warmupEpochs
      self.batchSize = batchSize
      self.block = block ?? BlockPlan.defaultBlock(batchSize: batchSize, parameters: network.parameterCount)
      self.epochs = epochs
      self.shuffle = shuffle
      self.seed = seed
      self.reduction = reduction
      self.replicaCheck = replicaCheck
      self.metrics = metrics
    }

    /// Bytes that a rank needs to train on this many events, not counting the events.
    package func workingMemory(events: Int, threads: Int) -> Double {
      // With all events on one rank, which is where memory is short.
      let scores = metrics.needScores ? events * RecordedScores.bytesPerEvent(classes: network.classes) : 0
      return network.workingMemory(optimizer: optimizer, block: min(block, batchSize, events), threads: threads)
        + Double(scores)
    }
  }
}
