import Machine

/// What is read for each event of a process besides its features, and its place among the columns of a request.
struct ExtraColumns: Sendable {
  private let scale: Double
  /// For the nominal weight and each variation, its columns; empty without weights in the run.
  private let products: [[Int]]
  private let identity: Range<Int>
  private let labels: Int?
  private let groups: Int?
  private let identities: EventIdentity
  /// The category columns.
  private let categories: [CategoryColumn]

  /// `hasWeights`: whether the events of this run have physics weights.
  init(
    _ number: Int, _ name: String, _ classes: EventClasses, _ weighting: Weighting, _ split: Split, identity: Int,
    hasWeights: Bool
  ) {
    let role = classes.roles[number]
    scale = role.scale ?? 1
    let numbers = weighting.numbers
    let place = { (column: String) in numbers.firstIndex(of: column) ?? 0 }
    let lists = [weighting.columns] + weighting.variations.map(\.columns)
    products = hasWeights ? lists.map { role.use == .data ? [] : $0.map(place) } : []
    self.identity = 0..<identity
    labels = classes.hasLabels(process: number) ? 0 : nil
    if case .column = split.rule, role.use == .train { groups = labels == nil ? 0 : 1 } else { groups = nil }
    identities = EventIdentity(process: name)
    categories = Self.categories(number, classes, split)
  }

  /// The columns that are wanted of the files of a process, in the order in which the others look for them.
  static func complete(
    _ request: inout EventRequest, _ number: Int, _ classes: EventClasses, _ weighting: Weighting, _ split: Split
  ) {
    let use = classes.roles[number].use
    request.numbers = use == .data ? [] : weighting.numbers.map { NumberColumn($0) }
    request.categories = categories(number, classes, split)
  }

  private static func categories(_ number: Int, _ classes: EventClasses, _ split: Split) -> [CategoryColumn] {
    var categories = classes.hasLabels(process: number) ? [classes.labels].compactMap { $0 } : []
    if case .column(let column) = split.rule, classes.roles[number].use == .train { categories.append(column) }
    return categories
  }

  /// What some events of a file have beside their features.
  struct Values: Sendable {
    /// One class an event; empty where all are of the process's class.
    var labels: [UInt16] = []
    /// By which a column divides the events; empty where none does.
    var groups: [UInt16] = []
    /// Empty where files give no identities.
    var keys: [UInt64] = []
    /// The nominal weights, then the variations; none where events have no weights.
    var weights: [ScaledWeights] = []
  }

  /// Reads some events of a file. Of those that `cuts` leave out nothing is refused: they get a weight of 0 and the first class instead.
  func read(
    _ source: EventSource, _ events: Range<Int>, path: String, _ cuts: Preprocessor.Cuts
  ) throws(EventFault) -> Values {
    let count = events.count
    func categories(_ column: Int?) throws(EventFault) -> [UInt16] {
      guard let column else { return [] }
      var groups: [UInt16] = try values(count, 0) { span throws(EventFault) in
        try source.read(events, category: column, into: &span)
      }
      for event in groups.indices where groups[event] == CategoryColumn.unknown {
        guard !cuts.isSelected(event) else {
          throw EventFault(
            place: events.lowerBound + event,
            error: self.categories[column].unknown(ofEvent: events.lowerBound + event, file: path))
        }
        groups[event] = 0
      }
      return groups
    }
    var found = Values(labels: try categories(labels), groups: try categories(groups))
    if !identity.isEmpty {
      var columns: [[UInt64]] = []
      for column in identity {
        columns.append(
          try values(count, 0) { span throws(EventFault) in try source.read(events, identity: column, into: &span) })
      }
      found.keys = identities.keys(columns)
    }
    guard !products.isEmpty else { return found }
    var numbers: [[Double]] = []
    for column in 0..<((products.joined().max() ?? -1) + 1) {
      numbers.append(
        try values(count, 0) { span throws(EventFault) in try source.read(events, number: column, into: &span) })
    }
    let file = try source.fileWeights.map { weights throws(EventFault) in
      try values(count, 0) { span throws(EventFault) in try weights.read(events, into: &span) }
    }
    for (index, product) in products.enumerated() {
      var weights = [Double](repeating: scale, count: count)
      for column in product {
        for event in weights.indices { weights[event] *= numbers[column][event] }
      }
      // A variation replaces the whole product.
      if index == 0, let file { for event in weights.indices { weights[event] *= file[event] } }
      for bad in weights.indices where !Float(weights[bad]).isFinite {
        guard cuts.isSelected(bad) else {
          weights[bad] = 0
          continue
        }
        // If a weight file is at fault, name it instead of the event file.
        let isOfFile = index == 0 && file.map { !$0[bad].isFinite } ?? false
        throw EventFault(
          place: events.lowerBound + bad,
          error: DataError(
            .badData, file: isOfFile ? source.fileWeights?.path ?? path : path,
            what: "event \(events.lowerBound + bad + 1) has a weight of \(weights[bad])"
              + (weights[bad].isFinite ? ", beyond the range of float32" : ""),
            advice: "leave the event out or give it a finite weight"))
      }
      found.weights.append(ScaledWeights(weights))
    }
    return found
  }
}

/// As many values as `read` puts into a span.
private func values<Value>(
  _ count: Int, _ zero: Value, _ read: (inout MutableSpan<Value>) throws(EventFault) -> Void
) throws(EventFault) -> [Value] {
  var values = [Value](repeating: zero, count: count)
  var span = values.mutableSpan
  try read(&span)
  return values
}
