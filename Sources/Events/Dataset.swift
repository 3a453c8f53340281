public import MPI

/// The events of a run, ready for training: standardised, labelled, weighted, training events first.
///
/// Rows stand in the order training, validation, test; within each by process, then in file order. The numbers stand in
/// memory that all copies of a data set share, and all ranks of a host if the ranks filled it together.
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
  /// (rows, stride) features, rows padded with zeros; then (rows) labels, as bits.
  let memory: SharedMemory

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

  /// All numbers as they stand in memory: row r holds the features of one event in r · stride ..< r · stride + features,
  /// the padding up to stride is zero; behind the last row stands the class of each event, an `Int32` in the bits of a
  /// `Float`.
  public func withNumbers<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
    try memory.withSpan(body)
  }

  /// A feature of one event.
  public func feature(_ column: Int, ofRow row: Int) -> Float { memory.withSpan { $0[row * stride + column] } }

  /// The class of one event.
  public func label(ofRow row: Int) -> Int {
    Int(Int32(bitPattern: memory.withSpan { $0[events * stride + row].bitPattern }))
  }

  /// The weight of one event in the loss.
  public func weight(ofRow row: Int) -> Float { classWeights[label(ofRow: row)] }

  /// Whether a feature has the same value in every training event.
  public func isConstant(feature: Int) -> Bool {
    memory.withSpan { values in training.allSatisfy { values[$0 * stride + feature] == values[feature] } }
  }

  /// A data set of numbers that stand where `withNumbers` says.
  public init(
    classNames: [String], featureNames: [String], counts: [Counts], standardization: Standardization,
    classWeights: [Float], memory: SharedMemory
  ) {
    self.classNames = classNames
    self.featureNames = featureNames
    self.counts = counts
    self.standardization = standardization
    self.classWeights = classWeights
    self.memory = memory
    precondition(memory.count == events * (stride + 1), "\(memory.count) numbers for \(events) events")
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

  /// The events of all processes, in memory of this process alone.
  ///
  /// - Throws: `DataError` if a process has no training event.
  public init(
    _ processes: [ProcessEvents], featureNames: [String], split: Split, seed: UInt64, scaling: Scaling,
    classWeights: ClassWeights
  ) throws(DataError) {
    let division = try DatasetDivision(processes, split: split, seed: seed)
    var processes = processes
    var standardization = Standardization.identity(features: featureNames.count)
    let memory = SharedMemory(count: division.numbers(features: featureNames.count)) { numbers in
      standardization = division.move(&processes, to: &numbers, features: featureNames.count, scaling: scaling)
    }
    self.init(
      classNames: processes.map(\.name), featureNames: featureNames, counts: division.counts,
      standardization: standardization, classWeights: Self.weights(classWeights, counts: division.counts),
      memory: memory)
  }

  /// One weight per class.
  public static func weights(_ classWeights: ClassWeights, counts: [Counts]) -> [Float] {
    switch classWeights {
    case .none: return counts.map { _ in 1 }
    case .perProcess(let weights): return weights.map { Float($0) }
    case .balanced:
      let training = counts.reduce(0) { $0 + $1.training }
      return counts.map { Float(Double(training) / (Double(counts.count) * Double($0.training))) }
    }
  }
}
