extension EventStore {
  /// All of a store but its columns.
  public struct Header: Codable, Equatable, Sendable {
    /// The names of the classes, in the order of the network's outputs.
    public var classNames: [String]
    /// The names of the features in the order of the columns.
    public var featureNames: [String]
    /// Events of the processes that are trained on, per class.
    public var counts: [EventCounts]
    /// The processes in the order of their rows.
    public var processes: [Process]
    /// What was done to the features.
    public var standardization: Standardization
    /// The weight of each class in the loss.
    public var classWeights: [Float]
    /// The mean of the training weights over all training events, t̄: weighted losses and gradients are divided by it. Of a
    /// store that judges a model, that of the model's training.
    public var meanWeight: Double
    /// The same of the monitor weights, v̄, by which losses and metrics that are printed are divided.
    public var meanMonitorWeight: Double
    /// The weight columns, in their order.
    public var weights: [WeightColumn]
    /// The names of the columns that are carried along and not trained on: none used yet.
    public var observerNames: [String]
    /// Whether the files give the identities of the events.
    public var hasGivenIdentities: Bool
    /// Whether training weights have the signs of the monitor weights; else they are their magnitudes.
    public var trainsOnSigns: Bool
    /// Whether the physics weights count in the training.
    public var usesWeights: Bool
    /// How the features were computed; nil: they are columns.
    public var preprocessing: FittedPreprocessing?
    /// The cutflow of the selection; nil without one.
    public var cutflow: Cutflow?

    /// `processes` nil: each class is a process of its own. `meanWeight` nil: that of the training events counted here, which then
    /// have the weights of their classes. `meanMonitorWeight` nil: the same as `meanWeight`.
    public init(
      classNames: [String], featureNames: [String], counts: [EventCounts], processes: [Process]? = nil,
      standardization: Standardization, classWeights: [Float], meanWeight: Double? = nil,
      meanMonitorWeight: Double? = nil, weights: [WeightColumn] = [], observerNames: [String] = [],
      hasGivenIdentities: Bool = false, trainsOnSigns: Bool = false, usesWeights: Bool = false,
      preprocessing: FittedPreprocessing? = nil, cutflow: Cutflow? = nil
    ) {
      self.classNames = classNames
      self.featureNames = featureNames
      self.counts = counts
      self.processes =
        processes
        ?? zip(classNames, counts).enumerated().map {
          Process(name: $1.0, classIndex: $0, use: .train, counts: $1.1, factors: classWeights)
        }
      self.standardization = standardization
      self.classWeights = classWeights
      let meanWeight = meanWeight ?? Self.meanWeight(counts, classWeights)
      self.meanWeight = meanWeight
      self.meanMonitorWeight = meanMonitorWeight ?? meanWeight
      self.weights = weights
      self.observerNames = observerNames
      self.hasGivenIdentities = hasGivenIdentities
      self.trainsOnSigns = trainsOnSigns
      self.usesWeights = usesWeights
      self.preprocessing = preprocessing
      self.cutflow = cutflow
    }

    public var layout: Layout {
      Layout(
        events: processes.reduce(0) { $0 + $1.counts.total }, features: featureNames.count, weights: weights.count,
        observers: observerNames.count)
    }
  }
}

extension EventStore.Header {
  /// A process of a store.
  public struct Process: Codable, Equatable, Sendable {
    public var name: String
    /// The class of its events; nil where each has one of its own, or none.
    public var classIndex: Int?
    public var use: ProcessUse
    public var counts: EventCounts
    /// Its class factors c, one per class: the shares of the processes in a class are in them.
    public var factors: [Float]
    /// Σt over its training events of each class.
    public var trainingWeights: [Double]
    /// What its physics weights come to; nil where its events have none.
    public var yield: Yield?

    /// Σw of its events of each class, or their number where events have no weights.
    public var classSums: [Double]

    /// `trainingWeights` nil: those of events that have the weights of their class. `classSums` nil: events have no weights.
    public init(
      name: String, classIndex: Int?, use: ProcessUse, counts: EventCounts, factors: [Float],
      trainingWeights: [Double]? = nil, yield: Yield? = nil, classSums: [Double]? = nil
    ) {
      self.name = name
      self.classIndex = classIndex
      self.use = use
      self.counts = counts
      self.factors = factors
      self.trainingWeights =
        trainingWeights
        ?? factors.enumerated().map { $0 == classIndex ? Double(counts.training) * Double($1) : 0 }
      self.yield = yield
      let events = EventUse.stored.reduce(0.0) { $0 + Double(counts[$1]) }
      self.classSums = classSums ?? factors.indices.map { $0 == classIndex ? events : 0 }
    }
  }

  /// The physics weights of the events of a process.
  public struct Yield: Codable, Equatable, Sendable {
    /// Σw, at the luminosity of the run file where it has one.
    public var sum: Double
    /// (Σw)² / Σw².
    public var effectiveEvents: Double
    /// How many weights are negative.
    public var negative: Int

    public init(sum: Double, effectiveEvents: Double, negative: Int) {
      (self.sum, self.effectiveEvents, self.negative) = (sum, effectiveEvents, negative)
    }
  }

  /// How many events of each process fail or pass the terms of a selection, applied in order.
  public struct Cutflow: Codable, Equatable, Sendable {
    public var terms: [String]
    /// For each process: the events that fail each of the terms first, then those that pass all.
    public var processes: [[SelectedEvents]]
  }

  /// A column of weights.
  public struct WeightColumn: Codable, Equatable, Sendable {
    public enum Kind: Codable, Equatable, Sendable {
      /// v = w · c, whose magnitudes or signed values are the training weights t.
      case monitor
      /// The physics weight w.
      case nominal
      /// Another physics weight.
      case variation(String)
    }
    public var kind: Kind
    /// The numbers of the column times 2^`unit` are the weights.
    public var unit: Int

    public init(_ kind: Kind, unit: Int = 0) { (self.kind, self.unit) = (kind, unit) }
  }

  /// Whether training and monitor weights are a column of their own, which is then the first; else they are those of the classes.
  public var hasMonitorWeights: Bool { weights.first?.kind == .monitor }

  /// Whether events have physics weights.
  public var hasNominalWeights: Bool { weights.contains { $0.kind == .nominal } }

  /// Whether run and store are as plain as can be: every process is a class and is trained on, and no event has a weight.
  public var isPlain: Bool {
    weights.isEmpty && processes.count == classNames.count
      && processes.enumerated().allSatisfy { $1.use == .train && $1.classIndex == $0 && $1.name == classNames[$0] }
  }

  /// The rows of the events of a process that have a use.
  public func rows(ofProcess number: Int, _ use: EventUse) -> Range<Int> {
    let before = EventUse.stored.prefix(use.rawValue).reduce(0) { $0 + total($1) }
    let first = before + processes[..<number].reduce(0) { $0 + $1.counts[use] }
    return first..<first + processes[number].counts[use]
  }

  /// The process of a training event.
  public func process(ofTrainingRow row: Int) -> Process {
    processes[processes.indices.first { rows(ofProcess: $0, .training).contains(row) } ?? 0]
  }

  /// The events of all processes that have a use.
  public func total(_ use: EventUse) -> Int { processes.reduce(0) { $0 + $1.counts[use] } }
}
