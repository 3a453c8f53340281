/// How a file of events is laid out.
public enum FileLayout: String, CaseIterable, Codable, Sendable {
  /// One row per feature, one column per event: `numpy.savetxt` of an array of shape (features, events).
  case featuresByRow = "features_by_row"
  /// One row per event, one column per feature; text may name the columns in its first line.
  case eventsByRow = "events_by_row"

  /// The layout that a file has if it does not have this one.
  var other: FileLayout { self == .featuresByRow ? .eventsByRow : .featuresByRow }
}

/// Events of a file or of several: float32 values, row-major [event][feature].
public struct EventTable: Sendable {
  /// The number of values per event.
  public private(set) var features: Int
  /// The number of events.
  public private(set) var events: Int
  /// Feature f of event e is `values[e * features + f]`, in the units of the file.
  public private(set) var values: [Float]
  /// The name of each feature, where a header gave them.
  public private(set) var columnNames: [String]?
  /// What was requested besides the features.
  private(set) var columns = EventColumns()

  /// The columns that were wanted as integers, in the order of the request: one number per event each.
  public var integers: [[UInt64]] { columns.identities }
  /// The same of those that were wanted in double precision.
  public var numbers: [[Double]] { columns.numbers }
  /// The same of the category columns: the number of the group that lists the value.
  public var categories: [[UInt16]] { columns.categories }

  /// A table of `values.count / features` events.
  public init(features: Int, values: [Float], columnNames: [String]? = nil) {
    precondition(features > 0 && values.count.isMultiple(of: features), "\(values.count) values, \(features) features")
    precondition(columnNames == nil || columnNames?.count == features, "one name per feature")
    self.features = features
    self.events = values.count / features
    self.values = values
    self.columnNames = columnNames
  }

  /// A table of events without features.
  init(events: Int) {
    (features, values) = (0, [])
    self.events = events
  }

  /// A table of events with these features, if there are any.
  init(events: Int, features: Int, values: [Float], columnNames: [String]?) {
    if features == 0 {
      self.init(events: events)
    } else {
      self.init(features: features, values: values, columnNames: columnNames)
    }
  }

  /// A table from a matrix of `rows` × `columns` values, row-major, whose rows are what `layout` says.
  init(matrix: consuming [Float], rows: Int, columns: Int, layout: FileLayout) {
    switch layout {
    case .eventsByRow: self.init(features: columns, values: matrix)
    case .featuresByRow: self.init(features: rows, values: transposed(matrix, rows: rows, columns: columns))
    }
  }

  /// The same events with columns beside their features.
  consuming func with(_ columns: EventColumns) -> EventTable {
    precondition(columns.haveCount(events), "one value per event")
    self.columns = columns
    return self
  }

  /// Adds the events of a table that has the same columns.
  mutating func append(_ other: EventTable) {
    precondition(
      features == other.features && columns.match(other.columns), "\(other.features) features after \(features)")
    values.append(contentsOf: other.values)
    columns.append(other.columns)
    events += other.events
  }
}
