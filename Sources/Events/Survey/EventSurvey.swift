/// A summary of the events for checks. It does not depend on the number of CPUs that read them.
///
/// It is a plain value, so that computed features are checked in the same way as columns of a file.
public struct EventSurvey: Sendable {
  /// The names of the features.
  public var features: [String]
  /// The names of the classes, in the order of the network's outputs.
  public var classes: [String]
  public var processes: [Process]
  /// The findings of reading, and the errors and warnings of a training with these events.
  public var findings: [Finding]
  /// Whether the split is random, so that training, validation and test events have the same distributions.
  public var isDividedByChance: Bool

  public init(
    features: [String], classes: [String], processes: [Process], findings: [Finding] = [],
    isDividedByChance: Bool = true
  ) {
    self.features = features
    self.classes = classes
    self.processes = processes
    self.findings = findings
    self.isDividedByChance = isDividedByChance
  }

  /// The events of a process.
  public struct Process: Sendable {
    public var name: String
    /// The class of all its events; nil if events have labels, or no class.
    public var classIndex: Int?
    public var use: ProcessUse
    /// The number of events in its files, and how many were read.
    public var events: Int
    public var eventsRead: Int
    public var files: [File]
    public var sample: Sample
    /// The totals of the events read, for each class.
    public var totals: [Totals]
    /// For each event read, in order: a hash of its features, its use, and its class if events have labels.
    public var hashes: [UInt64]
    public var uses: [EventUse]
    public var labels: [UInt16]
    /// nil if events have no weights.
    public var weights: WeightRange?

    public init(
      name: String, classIndex: Int?, use: ProcessUse = .train, events: Int, eventsRead: Int, files: [File],
      sample: Sample, totals: [Totals], hashes: [UInt64] = [], uses: [EventUse] = [], labels: [UInt16] = [],
      weights: WeightRange? = nil
    ) {
      self.name = name
      self.classIndex = classIndex
      self.use = use
      self.events = events
      self.eventsRead = eventsRead
      self.files = files
      self.sample = sample
      self.totals = totals
      self.hashes = hashes
      self.uses = uses
      self.labels = labels
      self.weights = weights
    }
  }

  /// One file of a process.
  public struct File: Sendable {
    public var path: String
    /// For each feature, over the events read.
    public var columns: [ColumnRange]
    /// The named columns that the run file does not use.
    public var unused: [String]

    public init(path: String, columns: [ColumnRange], unused: [String] = []) {
      (self.path, self.columns, self.unused) = (path, columns, unused)
    }
  }

  /// A sample of the events of a process, in the order of the files.
  public struct Sample: Sendable {
    /// (events, features).
    public var values: [Float]
    /// For each event: the index of its file, its use, its class if events have labels, and its weight if they have weights.
    public var files: [Int]
    public var uses: [EventUse]
    public var labels: [UInt16]
    public var weights: [Double]

    public init(
      values: [Float] = [], files: [Int] = [], uses: [EventUse] = [], labels: [UInt16] = [], weights: [Double] = []
    ) {
      self.values = values
      self.files = files
      self.uses = uses
      self.labels = labels
      self.weights = weights
    }

    public var count: Int { uses.count }
  }

  /// Counts and sums of weights over the events of one class in a process.
  public struct Totals: Sendable {
    public var counts: EventCounts
    /// Σ|w| and Σw² of the training events, in units of a power of two common to all processes; 0 if events have no weights.
    public var absolute: Double
    public var squares: Double

    public init(counts: EventCounts = EventCounts(), absolute: Double = 0, squares: Double = 0) {
      (self.counts, self.absolute, self.squares) = (counts, absolute, squares)
    }
  }

  /// The number of events of all processes, and how many were read.
  public var events: Int { processes.reduce(0) { $0 + $1.events } }
  public var eventsRead: Int { processes.reduce(0) { $0 + $1.eventsRead } }

  /// The number of events of each class for each use, over the processes used for training; estimated if not all events were read.
  public var counts: [EventCounts] {
    classes.indices.map { index in
      processes.reduce(into: EventCounts()) { sum, process in
        guard process.use == .train, process.totals.indices.contains(index) else { return }
        let read = process.totals[index].counts
        guard process.events > process.eventsRead, process.eventsRead > 0 else { return sum += read }
        for use in EventUse.stored {
          sum[use] += Int(Double(read[use]) * Double(process.events) / Double(process.eventsRead) + 0.5)
        }
      }
    }
  }
}
