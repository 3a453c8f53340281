import Machine

/// The names that a file, or the run file, gives the columns of a file.
struct ColumnNames {
  /// Where the names stand.
  enum Place: Sendable {
    case header
    /// In a comment before the rows.
    case comment
    case runFile
    /// As those of the arrays in a `.npz` file.
    case archive
  }
  private let file: String
  private let names: [String]
  private let numbers: [String: Int]
  private let twice: Set<String>
  private let wanted: Set<String>
  private let place: Place

  /// The names of all columns of a file.
  init(_ names: [String], in place: Place, _ request: EventRequest, file: String) {
    var (numbers, twice) = ([String: Int](), Set<String>())
    for (column, name) in names.enumerated() {
      if numbers.updateValue(column, forKey: name) != nil { twice.insert(name) }
    }
    (self.names, self.numbers, self.twice, self.file, self.place) = (names, numbers, twice, file, place)
    wanted = Set(request.wantedColumns)
  }

  /// The number of the column that has a name, as `key` of the run file wants it.
  func number(of name: String, key: String) throws(DataError) -> Int {
    guard let column = numbers[name], !twice.contains(name) else {
      throw DataError(
        .badData, file: file,
        what: twice.contains(name)
          ? "several columns are named \(name.abridged())" : "no column is named \(name.abridged())",
        advice: advice(on: name, key))
    }
    return column
  }

  private func advice(on name: String, _ key: String) -> String {
    if twice.contains(name) { return "give every column a unique name" }
    let shown = names.filter { !$0.isEmpty }
    if shown.count == 1, shown[0].contains(";") {
      return "separate the columns by commas instead of semicolons and use decimal points, or set \(semicolonKey): "
        + shown[0].abridged()
    }
    // A name that differs only in case or by an appended unit counts as closer than its letters suggest.
    let others = shown.filter { !wanted.contains($0) }
    let near =
      others.first { $0.lowercased() == name.lowercased() }
      ?? others.first {
        $0.hasPrefix(name) && $0.dropFirst(name.count).first.map { !$0.isLetter && !$0.isNumber } ?? false
      }
      ?? nearest(to: name, in: others)
    let known = (shown.prefix(50).joined(separator: ", ") + (shown.count > 50 ? ", …" : "")).abridged(to: 400)
    let header =
      switch place {
      case .header: "the header"
      case .comment: "the comment before the rows"
      case .runFile: EventRequest.columnsKey
      case .archive: "the .npz file"
      }
    let question = near.map { "did you mean \($0.abridged())?" } ?? "check \(key):"
    let way = place == .comment ? " (if this comment is not a header, put an empty line before it)" : ""
    return "\(question) \(header) names \(known)\(way)"
  }
}
