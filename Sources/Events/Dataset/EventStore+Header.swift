extension EventStore {
  /// All of a store but its columns.
  public struct Header: Codable, Equatable, Sendable {
    /// The names of the processes: class c is process c.
    public var classNames: [String]
    /// The names of the features in the order of the columns.
    public var featureNames: [String]
    /// Events per process.
    public var counts: [EventCounts]
    /// What was done to the features.
    public var standardization: Standardization
    /// The weight of each class in the loss.
    public var classWeights: [Float]
    /// The mean of the training weights over all training events, t̄: weighted losses and gradients are divided by it. Of a
    /// store that judges a model, that of the model's training.
    public var meanWeight: Double
    /// The names of the weight columns: none used yet.
    public var weightNames: [String]
    /// The names of the columns that are carried along and not trained on: none used yet.
    public var observerNames: [String]
    /// Whether the files give the identities of the events.
    public var hasGivenIdentities: Bool

    /// `meanWeight` nil: that of the training events counted here.
    public init(
      classNames: [String], featureNames: [String], counts: [EventCounts], standardization: Standardization,
      classWeights: [Float], meanWeight: Double? = nil, weightNames: [String] = [], observerNames: [String] = [],
      hasGivenIdentities: Bool = false
    ) {
      self.classNames = classNames
      self.featureNames = featureNames
      self.counts = counts
      self.standardization = standardization
      self.classWeights = classWeights
      self.meanWeight = meanWeight ?? Self.meanWeight(counts, classWeights)
      self.weightNames = weightNames
      self.observerNames = observerNames
      self.hasGivenIdentities = hasGivenIdentities
    }

    public var layout: Layout {
      Layout(
        events: counts.reduce(0) { $0 + $1.total }, features: featureNames.count, weights: weightNames.count,
        observers: observerNames.count)
    }
  }
}
