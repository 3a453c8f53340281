/// What a row of a text file with named columns is like.
struct TextRow: Sendable {
  let file: String
  let separator: TextSeparator
  /// The names of the features that are taken, in their order.
  let featureNames: [String]
  var features: Int { featureNames.count }

  /// What a column is for.
  struct Use: Sendable {
    /// The number of a feature, or −1.
    var feature = -1
    /// Whether it is for anything in ``TextRow/more``.
    var hasMore = false
    var isWanted: Bool { feature >= 0 || hasMore }
  }
  /// For each column of the file.
  let uses: [Use]

  /// What a column is for beside features.
  struct MoreUse: Sendable {
    enum Kind: Sendable {
      case identity(Int)
      case number(Int)
      case category(Int)
    }
    var column: Int
    /// The number of the column among those of its kind that are wanted.
    var kind: Kind
  }
  let more: [MoreUse]
  /// What ``more`` gives, of no events.
  let noColumns: EventColumns
  let categories: [CategoryColumn]
  let groups: [CategoryGroups]

  /// The row of a file whose head gives its columns these names.
  /// - Throws: if a wanted column has no name in the head, or several have it.
  init(
    _ names: [String], _ separator: TextSeparator, isComment: Bool, _ request: EventRequest, file: String
  ) throws(DataError) {
    self.file = file
    self.separator = separator
    let columns = ColumnNames(names, request, file: file, isComment: isComment)
    var uses = [Use](repeating: Use(), count: names.count)
    var more: [MoreUse] = []
    for (number, name) in request.identity.enumerated() {
      more.append(
        MoreUse(column: try columns.number(of: name, key: EventRequest.identityKey), kind: .identity(number)))
    }
    for (number, name) in request.numbers.enumerated() {
      more.append(MoreUse(column: try columns.number(of: name, key: EventRequest.numbersKey), kind: .number(number)))
    }
    for (number, category) in request.categories.enumerated() {
      more.append(
        MoreUse(column: try columns.number(of: category.column, key: category.key), kind: .category(number)))
    }
    for use in more { uses[use.column].hasMore = true }
    if request.features.isEmpty {
      featureNames = names
      for column in names.indices { uses[column].feature = column }
    } else {
      featureNames = request.features
      for (feature, name) in request.features.enumerated() {
        uses[try columns.number(of: name, key: "data.features")].feature = feature
      }
    }
    (self.uses, self.more) = (uses, more)
    noColumns = EventColumns(request)
    categories = request.categories
    groups = categories.map { CategoryGroups($0) }
  }
}
