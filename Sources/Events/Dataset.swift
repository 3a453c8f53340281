/// The events of a run, ready for training: standardised, labelled, weighted, training events first.
///
/// Row r holds the features of one event in `features[r · stride ..< r · stride + features]`; stride is the number of features
/// rounded up to 16 (a cache line) and the padding is zero. Rows stand in the order training, validation, test; within
/// each by process, then in file order.
public struct Dataset: Sendable {
  /// How many events of a process there are for each use.
  public struct Counts: Equatable, Sendable {
    /// Training events.
    public var training = 0
    /// Validation events.
    public var validation = 0
    /// Test events.
    public var test = 0

    /// No events, or as many as are named.
    public init(training: Int = 0, validation: Int = 0, test: Int = 0) {
      self.training = training
      self.validation = validation
      self.test = test
    }

    /// All of them.
    public var total: Int { training + validation + test }
  }

  /// The names of the processes: class c is process c.
  public let classNames: [String]
  /// The names of the features in the order of the columns.
  public let featureNames: [String]
  /// Events per process.
  public let counts: [Counts]
  /// What was done to the features.
  public let standardization: Standardization
  /// The weight of each class in the loss.
  public let classWeights: [Float]
  /// (rows, stride) floats.
  public var features: [Float]
  /// The class of each event.
  public var labels: [Int32]
  /// The weight of each event in the loss.
  public var weights: [Float]

  /// Floats from one event to the next.
  public static func stride(features: Int) -> Int { (features + 15) & ~15 }
  /// Floats from one event to the next.
  public var stride: Int { Self.stride(features: featureNames.count) }
  /// The rows of the training events.
  public var training: Range<Int> { 0..<counts.reduce(0) { $0 + $1.training } }
  /// The rows of the validation events.
  public var validation: Range<Int> {
    training.upperBound..<training.upperBound + counts.reduce(0) { $0 + $1.validation }
  }
  /// The rows of the test events.
  public var test: Range<Int> { validation.upperBound..<validation.upperBound + counts.reduce(0) { $0 + $1.test } }
  /// All events.
  public var events: Int { test.upperBound }

  /// Whether a feature has the same value in every training event.
  public func isConstant(feature: Int) -> Bool {
    training.allSatisfy { features[$0 * stride + feature] == features[feature] }
  }

  /// A data set whose arrays are filled by the caller (from another rank).
  public init(
    classNames: [String], featureNames: [String], counts: [Counts], standardization: Standardization,
    classWeights: [Float], features: [Float] = [], labels: [Int32] = [], weights: [Float] = []
  ) {
    self.classNames = classNames
    self.featureNames = featureNames
    self.counts = counts
    self.standardization = standardization
    self.classWeights = classWeights
    self.features = features
    self.labels = labels
    self.weights = weights
  }

  /// How the features are to be standardised.
  public enum Scaling: Sendable {
    /// From the training events of this data set.
    case measured
    /// As another data set was.
    case given(Standardization)
  }

  /// How the classes are weighted against each other.
  public enum ClassWeights: Equatable, Sendable {
    /// Every event weighs 1.
    case none
    /// w_c = N / (K · N_c), with N training events, N_c of them of class c, K classes: every class weighs the same.
    case balanced
    /// One number per class.
    case perProcess([Double])
  }

  /// Puts the events of all processes in their places.
  ///
  /// - Throws: `DataError` if a process has no training event.
  public init(
    _ processes: [ProcessEvents], featureNames: [String], split: Split, seed: UInt64, scaling: Scaling,
    classWeights: ClassWeights
  ) throws(DataError) {
    let parts = processes.enumerated().map { process, events in
      split.parts(process: process, count: events.table.events, seed: seed)
    }
    let counts = parts.map { parts in
      parts.reduce(into: Counts()) { counts, part in
        switch part {
        case .training: counts.training += 1
        case .validation: counts.validation += 1
        case .test: counts.test += 1
        }
      }
    }
    for (process, counts) in zip(processes, counts) where counts.training == 0 && split.training > 0 {
      throw DataError(
        .badData, file: process.files.first?.path ?? process.name,
        what: "none of the \(counts.total) events of process '\(process.name)' falls into the training split",
        advice: "give it more events or raise split.train")
    }
    let stride = Self.stride(features: featureNames.count)
    let total = counts.reduce(0) { $0 + $1.total }
    var features = [Float](repeating: 0, count: total * stride)
    var labels = [Int32](repeating: 0, count: total)
    var row = 0
    for part in Split.Part.allCases {
      for (process, events) in processes.enumerated() {
        let values = events.table.values
        let width = events.table.features
        for event in parts[process].indices where parts[process][event] == part {
          for feature in 0..<width { features[row * stride + feature] = values[event * width + feature] }
          labels[row] = Int32(process)
          row += 1
        }
      }
    }
    let trainingRows = 0..<counts.reduce(0) { $0 + $1.training }
    let standardization =
      switch scaling {
      case .measured:
        Standardization(measuring: features.span, rows: trainingRows, stride: stride, features: featureNames.count)
      case .given(let given): given
      }
    if !standardization.isIdentity {
      var span = features.mutableSpan
      standardization.apply(to: &span, rows: total, stride: stride)
    }
    let classWeights = Self.weights(classWeights, counts: counts)
    self.init(
      classNames: processes.map(\.name), featureNames: featureNames, counts: counts, standardization: standardization,
      classWeights: classWeights, features: features, labels: labels, weights: labels.map { classWeights[Int($0)] })
  }

  /// One weight per class.
  static func weights(_ classWeights: ClassWeights, counts: [Counts]) -> [Float] {
    switch classWeights {
    case .none: return counts.map { _ in 1 }
    case .perProcess(let weights): return weights.map { Float($0) }
    case .balanced:
      let training = counts.reduce(0) { $0 + $1.training }
      return counts.map { Float(Double(training) / (Double(counts.count) * Double($0.training))) }
    }
  }
}
