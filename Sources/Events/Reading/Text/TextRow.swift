/// What a row of a text file with named columns is like; or, where a row of the file is a column of events, what its rows are for.
struct TextRow: Sendable {
  let file: String
  let separator: TextSeparator
  let dialect: TextDialect
  /// Where the names of the columns stand.
  let place: ColumnNames.Place
  /// The names of the features that are taken, in their order.
  let featureNames: [String]
  var features: Int { featureNames.count }

  /// What a column is for.
  struct Use: Sendable {
    /// The number of a feature, or −1.
    var feature = -1
    /// The number of a column in double precision among ``TextRow/numbers``, or −1.
    var number = -1
    /// Whether it is for anything in ``TextRow/more``.
    var hasMore = false
    var isWanted: Bool { feature >= 0 || number >= 0 || hasMore }
  }
  /// For each column of the file.
  let uses: [Use]

  /// What a column is for beside features and numbers.
  struct MoreUse: Sendable {
    enum Kind: Sendable {
      case identity(Int)
      case category(Int)
    }
    var column: Int
    /// The number of the column among those of its kind that are wanted.
    var kind: Kind
  }
  let more: [MoreUse]
  /// The columns in double precision, each once: of those that are wanted twice, values may be missing only if both allow it.
  let numbers: [NumberColumn]
  /// For each number column of the request, which of these it is.
  private let numberOfRequest: [Int]
  /// What is wanted beside the features, of no events, each number column once.
  let noColumns: EventColumns
  let categories: [CategoryColumn]
  /// See ``EventRequest/allowsUnusable``.
  let allowsUnusable: Bool
  /// What to do about a file that has more rows or fewer, where its rows are columns of events.
  let rowsAdvice: String
  let groups: [CategoryGroups]

  /// The row of a file whose columns have these names.
  /// - Throws: if a wanted column has no name among them, or several have it.
  init(
    _ names: [String], in place: ColumnNames.Place, _ separator: TextSeparator, _ request: EventRequest, file: String
  ) throws(DataError) {
    (self.file, self.separator, self.place, dialect) = (file, separator, place, request.text)
    let columns = ColumnNames(names, in: place, request, file: file)
    var uses = [Use](repeating: Use(), count: names.count)
    var more: [MoreUse] = []
    for (number, name) in request.identity.enumerated() {
      more.append(
        MoreUse(column: try columns.number(of: name, key: EventRequest.identityKey), kind: .identity(number)))
    }
    var (numbers, numberOfRequest) = ([NumberColumn](), [Int]())
    for wanted in request.numbers {
      let column = try columns.number(of: wanted.name, key: wanted.key)
      if uses[column].number < 0 {
        uses[column].number = numbers.count
        numbers.append(wanted)
      } else if !wanted.allowsNaN {
        numbers[uses[column].number] = wanted
      }
      numberOfRequest.append(uses[column].number)
    }
    for (number, category) in request.categories.enumerated() {
      more.append(
        MoreUse(column: try columns.number(of: category.column, key: category.key), kind: .category(number)))
    }
    for use in more { uses[use.column].hasMore = true }
    if !request.takesFeatures {
      featureNames = []
    } else if request.features.isEmpty {
      featureNames = names
      for column in names.indices { uses[column].feature = column }
    } else {
      featureNames = request.features
      for (feature, name) in request.features.enumerated() {
        uses[try columns.number(of: name, key: EventRequest.featuresKey)].feature = feature
      }
    }
    (self.uses, self.more, self.numbers, self.numberOfRequest) = (uses, more, numbers, numberOfRequest)
    var noColumns = EventColumns(request)
    noColumns.numbers = Array(repeating: [], count: numbers.count)
    self.noColumns = noColumns
    (categories, allowsUnusable) = (request.categories, request.allowsUnusable)
    rowsAdvice = request.columnsAdvice("rows")
    groups = categories.map { CategoryGroups($0) }
  }

  /// A table of events with these features, and with what is wanted beside them, each number column once.
  func table(events: Int, _ values: [Float], _ columns: EventColumns) -> EventTable {
    var columns = columns
    columns.numbers = numberOfRequest.map { columns.numbers[$0] }
    return EventTable(events: events, features: features, values: values, columnNames: featureNames).with(columns)
  }

  /// How many columns a row must have, and who says so.
  var expectedColumns: String {
    place == .runFile ? "\(EventRequest.columnsKey) names \(uses.count)" : "the header names \(uses.count)"
  }
}
