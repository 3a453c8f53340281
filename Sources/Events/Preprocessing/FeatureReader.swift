import Machine

/// Reads the features of events: directly from columns, or computed from them.
enum FeatureReader: Sendable {
  /// Columns of the file, as float32; their number.
  case columns(Int)
  case computed(Preprocessor)

  /// The number of features per event.
  var features: Int {
    switch self {
    case .columns(let count): count
    case .computed(let preprocessor): preprocessor.inputNames.count
    }
  }

  var hasMissing: Bool {
    switch self {
    case .columns: false
    case .computed(let preprocessor): preprocessor.hasMissing
    }
  }

  /// The terms of the selection.
  var terms: [String] {
    switch self {
    case .columns: []
    case .computed(let preprocessor): preprocessor.terms
    }
  }

  /// Writes the features of some events of a file to the start of `values`: (events, features), finite, or NaN if missing; infinite if
  /// an event is not selected and its feature cannot be computed. Returns which events are selected.
  func read(
    _ source: EventSource, _ events: Range<Int>, path: String, into values: inout MutableSpan<Float>
  ) throws(EventFault) -> Preprocessor.Cuts {
    var unusable = UnusableValues?.none
    return try read(source, events, path: path, into: &values, &unusable)
  }

  /// The same; with `unusable`, non-finite features are passed through if they come directly from columns, and computed features that are
  /// unusable are added to it.
  func read(
    _ source: EventSource, _ events: Range<Int>, path: String, into values: inout MutableSpan<Float>,
    _ unusable: inout UnusableValues?
  ) throws(EventFault) -> Preprocessor.Cuts {
    switch self {
    case .columns:
      try source.read(events, into: &values, allowsNonFinite: unusable != nil)
      return Preprocessor.Cuts()
    case .computed(let preprocessor):
      return try preprocessor.read(source, events, path: path, into: &values, &unusable)
    }
  }

  /// Replaces missing features by their fill values.
  func fill(_ values: inout MutableSpan<Float>) {
    if case .computed(let preprocessor) = self { preprocessor.fill(&values) }
  }
}
