import Machine

/// What to read from event files, and how.
public struct EventRequest: Sendable {
  public var layout: FileLayout
  /// The features to take, by name where a file names its columns, in this order; none: all columns. `readProcesses` selects
  /// them; a reader may do so already.
  public var features: [String]
  /// Whether features are read at all; if not, an event has only its other columns.
  public var takesFeatures = true
  /// The names of all rows (`featuresByRow`) or columns of files without names, in order; empty: such files
  /// hold the features alone. Those that are wanted are then found by their names, and the others may hold anything.
  public var columns: [String] = []
  /// Whether the names are those of a trained model, which no user can change any more.
  public var isOfModel = false
  /// How text files write their values.
  public var text = TextDialect()
  /// Whether numbers beside the features that are not finite are given as such, and values of categories that none lists as
  /// ``CategoryColumn/unknown``: as a selection may remove such events, the caller checks the others.
  public var allowsUnusable = false
  /// The columns that identify an event: integers below 2^64, which never pass through a float.
  public var identity: [String]
  /// The columns that are read in double precision, beside the features: weights. They may be features as well.
  public var numbers: [NumberColumn]
  /// The columns whose value is one of some that are known.
  public var categories: [CategoryColumn]
  /// The bytes of a file that are in view at a time, which no header and no value of a text may exceed.
  public var windowSize: Int
  /// The bytes of a window of text that a CPU reads at a time.
  public var pieceSize: Int

  public init(
    layout: FileLayout, features: [String] = [], identity: [String] = [], numbers: [NumberColumn] = [],
    categories: [CategoryColumn] = [], windowSize: Int = 1 << 23, pieceSize: Int = 1 << 19
  ) {
    self.layout = layout
    self.features = features
    self.identity = identity
    self.numbers = numbers
    self.categories = categories
    self.windowSize = windowSize
    self.pieceSize = pieceSize
  }
}

extension EventRequest {
  /// The keys of the run file that request columns by name, besides `data.features`.
  static let featuresKey = "data.features"
  static let identityKey = "data.event"
  public static let weightKey = "data.weight"
  static let preprocessingKey = "data.features, data.derived or data.selection"
  /// The key with the names of columns.
  static let columnsKey = "data.columns"

  /// The names of all columns that are wanted, each once.
  var wantedColumns: [String] {
    var seen = Set<String>()
    return ((takesFeatures ? features : []) + identity + numbers.map(\.name) + categories.map(\.column)).filter {
      seen.insert($0).inserted
    }
  }

  /// What to do about a file without names whose rows or columns are not as many as ``columns``.
  func columnsAdvice(_ unit: String) -> String {
    guard isOfModel else { return "list all \(unit) of the file there, in order" }
    func list(_ names: [String]) -> String {
      (names.prefix(50).joined(separator: ", ") + (names.count > 50 ? ", …" : "")).abridged(to: 400)
    }
    return "give the file these \(unit), in this order: \(list(columns)); or name its columns, then "
      + "\(list(wantedColumns)) \(wantedColumns.count == 1 ? "is" : "are") enough"
  }

  /// The bytes that the columns beside the features take, for an event in memory.
  var extraBytesPerEvent: Int { 8 * (identity.count + numbers.count) + 2 * categories.count }

  /// Refuses a file whose columns have no names, where there is something that only a name can find; `what` says that they have none.
  func requireNothingByName(in file: String, _ what: String, advice: String) throws(DataError) {
    var keys = [(Self.identityKey, identity)]
    for column in numbers {
      if let last = keys.last, last.0 == column.key {
        keys[keys.count - 1].1.append(column.name)
      } else {
        keys.append((column.key, [column.name]))
      }
    }
    keys += categories.map { ($0.key, [$0.column]) }
    guard let (key, names) = keys.first(where: { !$0.1.isEmpty }) else { return }
    let others = key == Self.weightKey ? ", or put the weights in separate files (weight_files)" : ""
    throw DataError(
      .badData, file: file, what: "\(what), but \(key) names \(names.joined(separator: ", ").abridged())",
      advice: advice + others)
  }
}
