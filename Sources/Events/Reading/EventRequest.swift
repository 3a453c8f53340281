/// What is wanted of event files, and how they are read.
public struct EventRequest: Sendable {
  public var layout: FileLayout
  /// The features to take, by name where a file names its columns, in this order; none: all columns. `readProcesses` selects
  /// them; a reader may do so already.
  public var features: [String]
  /// The columns that identify an event: integers below 2^64, which never pass through a float.
  public var identity: [String]
  /// The bytes of a file that are in view at a time, which no header and no value of a text may exceed.
  public var windowSize: Int
  /// The bytes of a window of text that a CPU reads at a time.
  public var pieceSize: Int

  public init(
    layout: FileLayout, features: [String] = [], identity: [String] = [], windowSize: Int = 1 << 23,
    pieceSize: Int = 1 << 19
  ) {
    self.layout = layout
    self.features = features
    self.identity = identity
    self.windowSize = windowSize
    self.pieceSize = pieceSize
  }
}
