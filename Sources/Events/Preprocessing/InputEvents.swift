/// The network's inputs for the events of a file, or of a part of it: any events, by several threads at the same time.
public struct InputEvents: Sendable {
  private let source: EventSource
  private let preprocessor: Preprocessor?
  private let path: String

  init(_ source: EventSource, _ preprocessor: Preprocessor?, path: String) {
    (self.source, self.preprocessor, self.path) = (source, preprocessor, path)
  }

  public var events: Int { source.events }
  /// The number of inputs per event.
  public var features: Int { preprocessor?.inputNames.count ?? source.features }

  /// Writes the inputs of some events to the start of `values`: (events, inputs). If an event fails the selection and an input of it
  /// cannot be computed, that input is NaN.
  public func read(_ events: Range<Int>, into values: inout MutableSpan<Float>) throws(DataError) {
    do throws(EventFault) { try read(events, to: &values) } catch { throw error.error }
  }

  func read(_ events: Range<Int>, to values: inout MutableSpan<Float>) throws(EventFault) {
    guard let preprocessor else { return try source.read(events, into: &values) }
    var unusable = UnusableValues?.none
    _ = try preprocessor.read(source, events, path: path, into: &values, &unusable)
    preprocessor.fill(&values)
    for place in 0..<events.count * features where values[place].isInfinite { values[place] = .nan }
  }
}
