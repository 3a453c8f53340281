/// What a file holds of its events beside their features: columns of one value an event, in the order of the request.
struct EventColumns: Sendable, Equatable {
  /// The columns that identify an event.
  var identities: [[UInt64]] = []
  /// The columns in double precision.
  var numbers: [[Double]] = []
  /// For each category column, the group that lists its value.
  var categories: [[UInt16]] = []

  /// No events of columns as a request wants them.
  init(_ request: EventRequest) {
    identities = Array(repeating: [], count: request.identity.count)
    numbers = Array(repeating: [], count: request.numbers.count)
    categories = Array(repeating: [], count: request.categories.count)
  }

  init() {}

  /// Whether every column has this number of events.
  func haveCount(_ events: Int) -> Bool {
    identities.allSatisfy { $0.count == events } && numbers.allSatisfy { $0.count == events }
      && categories.allSatisfy { $0.count == events }
  }

  /// Whether another file's are as many.
  func match(_ other: EventColumns) -> Bool {
    identities.count == other.identities.count && numbers.count == other.numbers.count
      && categories.count == other.categories.count
  }

  /// Adds the events of columns that match.
  mutating func append(_ other: EventColumns) {
    for column in identities.indices { identities[column] += other.identities[column] }
    for column in numbers.indices { numbers[column] += other.numbers[column] }
    for column in categories.indices { categories[column] += other.categories[column] }
  }
}
