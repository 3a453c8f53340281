import Formats
public import MPI

/// The events of a run, ready for training: typed columns of one event set, training events first.
///
/// Rows are in the order of ``EventUse``: training, validation, test, then what is not trained on; within each by process, then in
/// file order. The columns are in memory that all copies of a store share, and all ranks of a host if the ranks filled it
/// together.
public struct EventStore: Sendable {
  /// One reference: every step of a training copies the store, and the header has a dozen arrays.
  private let shared: SharedHeader
  public let layout: Layout
  private let memory: SharedMemory
  /// Whether training and monitor weights are a column of their own.
  let hasMonitorWeights: Bool

  /// A store in memory of this process alone; `fill` writes every number of every column.
  public init(_ header: Header, fill: (inout SharedMemory.Contents) -> Void) {
    self.init(header, SharedMemory(byteCount: header.layout.byteCount) { header.layout.write(&$0, fill) })
  }

  /// A store that the ranks of every host share; `fill`, called on rank 0, writes every number of every column.
  /// - Collective: every rank of the communicator calls it, with the same header.
  /// - Throws: `MemoryShortage` on all ranks if a host has no room, before anything is taken; `MPIError`.
  public init(
    _ header: Header, sharedBy communicator: borrowing Communicator, fill: (inout SharedMemory.Contents) -> Void
  ) throws {
    let layout = header.layout
    self.init(header, try communicator.share(byteCount: layout.byteCount) { layout.write(&$0, fill) })
  }

  private init(_ header: Header, _ memory: SharedMemory) {
    shared = SharedHeader(header)
    layout = header.layout
    hasMonitorWeights = header.hasMonitorWeights
    self.memory = memory
  }

  private final class SharedHeader: Sendable {
    let header: Header
    init(_ header: Header) { self.header = header }
  }

  public var header: Header { shared.header }

  /// The names of the classes, in the order of the network's outputs.
  public var classNames: [String] { shared.header.classNames }
  public var featureNames: [String] { shared.header.featureNames }
  /// Events of the processes that are trained on, per class.
  public var counts: [EventCounts] { shared.header.counts }
  public var standardization: Standardization { shared.header.standardization }
  public var classWeights: [Float] { shared.header.classWeights }
  /// The mean of the training weights over all training events.
  public var meanWeight: Double { shared.header.meanWeight }
  /// The mean of the monitor weights over all training events.
  public var meanMonitorWeight: Double { shared.header.meanMonitorWeight }
  /// All events.
  public var events: Int { layout.events }
  /// Floats from the features of one event to those of the next; those after the features are zero.
  public var stride: Int { layout.stride }

  /// The rows of the events that have this use.
  public func rows(_ use: EventUse) -> Range<Int> {
    let first = EventUse.stored.prefix(use.rawValue).reduce(0) { $0 + shared.header.total($1) }
    return first..<first + shared.header.total(use)
  }

  public var training: Range<Int> { rows(.training) }
  public var validation: Range<Int> { rows(.validation) }
  public var test: Range<Int> { rows(.test) }

  /// Lets `body` read a column of this store's layout.
  public func withSpan<Element, Result, Failure: Error>(
    _ column: Column<Element>, _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try memory.withSpan(of: Element.self, at: column.offset, count: column.count, body)
  }

  /// Lets `body` read all columns as the bytes that they are in memory.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try memory.withSpan(of: UInt8.self, at: 0, count: memory.byteCount, body)
  }

  /// A feature of one event, as the network sees it.
  public func feature(_ column: Int, ofRow row: Int) -> Float {
    withSpan(layout.features) { $0[row * stride + column] }
  }

  /// The class of one event; 0 for an event that is of no class.
  public func label(ofRow row: Int) -> Int { withSpan(layout.classes) { Int($0[row]) } }

  /// What tells one event from others: where its file gives an identity, its key (see ``EventIdentity``), which no other event has,
  /// else its number among the events of all files of its process, in their order, from 0.
  public func identity(ofRow row: Int) -> UInt64 { withSpan(layout.identities) { $0[row] } }

  /// The weight of one event in the loss: t, or v.
  public func weight(ofRow row: Int, _ kind: WeightKind = .training) -> Float {
    guard hasMonitorWeights else { return classWeights[label(ofRow: row)] }
    let weight = withSpan(layout.weights(0)) { $0[row] }
    return kind == .monitor || shared.header.trainsOnSigns ? weight : weight.magnitude
  }

  /// SHA-256, in hexadecimal, of the columns that files decide, as they are in memory, by which runs of versions up to 0.5 know
  /// their events: features, classes, weights and observers; identities only where the files give them, as a number in file order says nothing that the rows do not.
  public var digest: String {
    let bytes = layout.digested(withIdentities: shared.header.hasGivenIdentities)
    return memory.withSpan(of: UInt8.self, at: bytes.lowerBound, count: bytes.count) { SHA256.hexDigest(of: $0) }
  }
}
