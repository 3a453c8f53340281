import Machine

/// How the features of events come from their files: as they stand there, or computed.
enum FeatureReader: Sendable {
  /// So many features, as float32.
  case columns(Int)
  case computed(Preprocessor)

  /// The number of features of an event.
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

  /// Puts the features of some events of a file into the beginning of `values`: (events, features), finite, or NaN where they are
  /// missing. Returns which events are selected.
  func read(
    _ source: EventSource, _ events: Range<Int>, path: String, into values: inout MutableSpan<Float>
  ) throws(EventFault) -> Preprocessor.Cuts {
    var unusable = UnusableValues?.none
    return try read(source, events, path: path, into: &values, &unusable)
  }

  /// The same; where `unusable` is given, the features of a file that are not finite are given as they are, and those that cannot be
  /// computed are added to it.
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

  /// Puts what stands for missing features into their places.
  func fill(_ values: inout MutableSpan<Float>) {
    if case .computed(let preprocessor) = self { preprocessor.fill(&values) }
  }
}
