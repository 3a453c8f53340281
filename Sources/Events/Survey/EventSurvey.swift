/// What events are like, before anything is done with them: the part of them that checks look at. Nothing in it depends on how
/// many CPUs have read the events.
///
/// It is a plain value, so that what is no column of a file, a feature that is computed from others, is looked at in the same way.
public struct EventSurvey: Sendable {
  /// The names of the features.
  public var features: [String]
  /// The names of the classes, in the order of the network's outputs.
  public var classes: [String]
  public var processes: [Process]
  /// What reading found, and what a training of these events would refuse or warn of.
  public var findings: [Finding]
  /// Whether events are divided by chance, so that those of each use are alike but for that.
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
    /// The class of all its events; nil where each has a label, and where they are of no class.
    public var classIndex: Int?
    public var use: ProcessUse
    /// The events that its files hold, and how many of them were read.
    public var events: Int
    public var eventsRead: Int
    public var files: [File]
    public var sample: Sample
    /// What its events of each class come to, of those that were read.
    public var totals: [Totals]
    /// Of each event that was read, in order: a hash of its features; what it is used for; its class, where events have labels.
    public var hashes: [UInt64]
    public var uses: [EventUse]
    public var labels: [UInt16]
    /// nil where events have no weights.
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
    /// Of each feature, over the events that were read.
    public var columns: [ColumnRange]
    /// The columns with a name that nothing in the run file wants.
    public var unused: [String]

    public init(path: String, columns: [ColumnRange], unused: [String] = []) {
      (self.path, self.columns, self.unused) = (path, columns, unused)
    }
  }

  /// Events of a process that are looked at closely, in the order of the files.
  public struct Sample: Sendable {
    /// (events, features).
    public var values: [Float]
    /// Of each event: the number of its file, its use, its class where events have labels, its weight where they have any.
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

  /// What the events of a process that are of one class come to.
  public struct Totals: Sendable {
    public var counts: EventCounts
    /// Σ|w| and Σw² of those that are trained on, in units of a power of two that is the same for all processes; 0 where events have no
    /// weights.
    public var absolute: Double
    public var squares: Double

    public init(counts: EventCounts = EventCounts(), absolute: Double = 0, squares: Double = 0) {
      (self.counts, self.absolute, self.squares) = (counts, absolute, squares)
    }
  }

  /// All events of the processes, and those that were read.
  public var events: Int { processes.reduce(0) { $0 + $1.events } }
  public var eventsRead: Int { processes.reduce(0) { $0 + $1.eventsRead } }

  /// How many events of each class the processes that are trained on have, for each use; estimated where not all were read.
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
