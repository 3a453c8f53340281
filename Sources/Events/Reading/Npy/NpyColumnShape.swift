import Formats
import Machine

/// The layout of the columns of an array in a `.npy` file, and the indices of their elements as the user knows them.
struct NpyColumnShape: Sendable {
  let events: Int
  /// Where in the file the values begin.
  let dataOffset: Int
  /// The size in bytes of all values of an event, if they are contiguous.
  private let eventSize: Int
  /// Whether the values of an event are contiguous; else those of a column are.
  let isByEvent: Bool
  /// How messages name an element.
  private let indices: Indices

  private enum Indices {
    /// The event alone.
    case event
    /// Event and column of a matrix, either first; a column takes this many bytes.
    case eventAndColumn(Int)
    case columnAndEvent(Int)
  }

  /// A structured array, which `size` bytes of a file hold.
  init(records header: NpyHeader, size: Int, file path: String) throws(DataError) {
    guard let step = header.itemSize, header.shape.count == 1 || header.shape.count == 2 && header.shape.contains(1)
    else {
      throw DataError(
        .badData, file: path, what: "a structured array of shape \(header.shapeText)",
        advice: "save one of shape (events,)")
    }
    guard step > 0 else {
      throw DataError(
        .badData, file: path, what: "a structured array without fields", advice: "save fields of numbers")
    }
    try header.requireValues(of: step, in: path, size: size)
    self.init(
      events: header.shape.reduce(1, *), dataOffset: header.dataOffset, eventSize: step, isByEvent: true,
      indices: .event)
  }

  /// Columns anywhere in the bytes, each by itself.
  init(columnsOf events: Int) {
    self.init(events: events, dataOffset: 0, eventSize: 0, isByEvent: false, indices: .event)
  }

  private init(events: Int, dataOffset: Int, eventSize: Int, isByEvent: Bool, indices: Indices) {
    (self.events, self.dataOffset, self.eventSize) = (events, dataOffset, eventSize)
    (self.isByEvent, self.indices) = (isByEvent, indices)
  }

  /// A matrix of numbers, or a single column of them, and its columns as fields of an event.
  static func matrix(
    _ header: NpyHeader, size: Int, _ request: EventRequest, file path: String
  ) throws(DataError) -> (NpyColumnShape, [NpyField]) {
    let (number, names) = (try header.number(in: path), request.columns)
    guard (1...2).contains(header.shape.count) else { throw header.notAMatrix(in: path) }
    try header.requireValues(of: number.size, in: path, size: size)
    let isVector = header.shape.count == 1
    let eventsAreRows = isVector || request.layout == .eventsByRow
    let extents = isVector ? [header.shape[0], 1] : header.shape
    let (events, columns) = eventsAreRows ? (extents[0], extents[1]) : (extents[1], extents[0])
    guard columns == names.count else {
      let what =
        isVector ? "a single column" : "\(counted(columns, "column")) in the layout \(request.layout.rawValue)"
      throw DataError(
        .badData, file: path,
        what: "an array of shape \(header.shapeText): \(what), but \(EventRequest.columnsKey) names \(names.count)",
        advice: events == names.count && !isVector
          ? "try the layout \(request.layout.other.rawValue)"
          : request.columnsAdvice(eventsAreRows ? "columns" : "rows"))
    }
    let isByEvent = isVector || eventsAreRows != header.fortranOrder
    let columnBytes = isByEvent ? number.size : number.size * events
    let fields = names.enumerated().map { column, name in
      NpyField(name: name, descr: header.descr, shape: [], offset: column * columnBytes, size: number.size)
    }
    let indices: Indices =
      isVector
      ? .event : eventsAreRows ? .eventAndColumn(max(1, columnBytes)) : .columnAndEvent(max(1, columnBytes))
    let shape = NpyColumnShape(
      events: events, dataOffset: header.dataOffset, eventSize: number.size * columns,
      isByEvent: isByEvent, indices: indices)
    return (shape, fields)
  }

  /// The bytes from a value of a column to that of the next event, where a value takes `size`.
  func step(of size: Int) -> Int { isByEvent ? eventSize : size }

  /// Where in the file, from the first value on, an event has the value of a column that begins at `offset` in the first event.
  func place(of event: Int, at offset: Int, step: Int) -> Int { event * step + offset }

  /// The index of an element as the user knows it.
  func element(_ event: Int, at offset: Int) -> String {
    switch indices {
    case .event: "[\(event)]"
    case .eventAndColumn(let bytes): "[\(event), \(offset / bytes)]"
    case .columnAndEvent(let bytes): "[\(offset / bytes), \(event)]"
    }
  }
}

extension NpyHeader {
  /// The error of an array of no or of many dimensions.
  func notAMatrix(in path: String) -> DataError {
    DataError(
      .badData, file: path, what: "an array of shape \(shapeText)",
      advice: "save a two-dimensional one: (events, features) or (features, events)")
  }
}
