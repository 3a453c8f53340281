import Formats
import Machine

/// The events of an array in a `.npy` file whose columns are found by their names: the fields of a structured array, or the columns of
/// a matrix to which the run file gives names. Columns that are not requested may hold anything.
struct NpyColumns: Sendable {
  private let file: FileBytes
  private let shape: NpyColumnShape
  var events: Int { shape.events }
  /// The names of the features that are taken, in their order.
  let featureNames: [String]
  private let featureFields: [NpyNumberField]
  private let identities: [NpyNumberField]
  private let numbers: [NpyNumberField]
  private let categories: [NpyCategoryField]
  private let numberColumns: [NumberColumn]
  private let allowsUnusable: Bool

  var features: Int { featureFields.count }
  var columnCounts: (identities: Int, numbers: Int, categories: Int) {
    (identities.count, numbers.count, categories.count)
  }

  /// The array after a header, which `size` bytes of a file hold: a structured one, or a matrix whose columns have the names that
  /// `request.columns` says.
  init(_ file: FileBytes, _ header: NpyHeader, size: Int, _ request: EventRequest) throws(DataError) {
    let path = file.path
    if header.fields.isEmpty {
      let (shape, fields) = try NpyColumnShape.matrix(header, size: size, request, file: path)
      try self.init(file, shape, fields, in: .runFile, request)
    } else {
      let shape = try NpyColumnShape(records: header, size: size, file: path)
      try self.init(file, shape, header.fields, in: .header, request)
    }
  }

  /// The columns that `fields` describe, whose names stand in `place`.
  init(
    _ file: FileBytes, _ shape: NpyColumnShape, _ fields: [NpyField], in place: ColumnNames.Place,
    _ request: EventRequest
  ) throws(DataError) {
    (self.file, self.shape) = (file, shape)
    let (path, names) = (file.path, fields.map(\.name))
    let columns = ColumnNames(names, in: place, request, file: path)
    func field(_ name: String, _ key: String) throws(DataError) -> NpyField {
      fields[try columns.number(of: name, key: key)]
    }
    featureNames = !request.takesFeatures ? [] : request.features.isEmpty ? names : request.features
    featureFields = try featureNames.map { name throws(DataError) in
      try NpyNumberField(field(name, EventRequest.featuresKey), file: path)
    }
    identities = try request.identity.map { name throws(DataError) in
      try NpyNumberField(identity: field(name, EventRequest.identityKey), file: path)
    }
    numbers = try request.numbers.map { column throws(DataError) in
      try NpyNumberField(field(column.name, column.key), file: path)
    }
    (numberColumns, allowsUnusable) = (request.numbers, request.allowsUnusable)
    categories = try request.categories.map { category throws(DataError) in
      try NpyCategoryField(field(category.column, category.key), category, file: path)
    }
  }

  /// Puts the features of some events into the beginning of `values`: (events, features), rounded to float32, all finite unless
  /// others are allowed.
  func read(
    _ events: Range<Int>, into values: inout MutableSpan<Float>, allowsNonFinite: Bool = false
  ) throws(EventFault) {
    precondition(events.count * features <= values.count)
    guard features > 0 else { return }
    try forEachBlock(events, of: featureFields) { field, feature, bytes, block, done throws(EventFault) in
      let start = done * features + feature
      guard
        !field.number.convert(
          bytes, step: shape.step(of: field.number.size), count: block.count, to: &values, from: start, stride: features
        ),
        !allowsNonFinite,
        let bad = (0..<block.count).first(where: { !values[start + $0 * features].isFinite })
      else { return }
      let value = field.number.double(bytes, at: bad, step: shape.step(of: field.number.size))
      throw fault(
        block.lowerBound + bad, field,
        "\(value)\(value.isFinite ? ", beyond the range of float32" : "")", nonFiniteAdvice)
    }
  }

  /// Puts the values that some events have in these number columns of the request, in float64, into the beginning of `values`, column
  /// by column; with `allowsUnusable` whether they are finite or not.
  func read(
    _ events: Range<Int>, numbers columns: Range<Int>, into values: inout MutableSpan<Double>,
    allowsUnusable: Bool = false
  ) throws(EventFault) {
    precondition(events.count * columns.count <= values.count)
    guard !columns.isEmpty else { return }
    try forEachBlock(events, of: Array(numbers[columns])) { field, index, bytes, block, done throws(EventFault) in
      let start = index * events.count + done
      guard
        !field.number.convert(
          bytes, step: shape.step(of: field.number.size), count: block.count, to: &values, from: start),
        !allowsUnusable, !self.allowsUnusable
      else { return }
      let column = numberColumns[columns.lowerBound + index]
      for event in start..<start + block.count where !values[event].isFinite {
        guard column.allowsNaN, values[event].isNaN else {
          throw fault(
            block.lowerBound + event - start, field, "\(values[event])", column.nonFiniteAdvice)
        }
        values[event] = .nan
      }
    }
  }

  /// The same of identity column `column`, whose integers are not negative.
  func read(_ events: Range<Int>, identity column: Int, into values: inout MutableSpan<UInt64>) throws(EventFault) {
    try forEachBlock(events, of: [identities[column]]) { field, _, bytes, block, done throws(EventFault) in
      field.number.convert(
        integers: bytes, step: shape.step(of: field.number.size), count: block.count, to: &values, from: done)
      guard field.number.kind == .signed, let bad = (0..<block.count).first(where: { values[done + $0] >> 63 == 1 })
      else {
        return
      }
      throw fault(
        block.lowerBound + bad, field,
        "\(Int64(bitPattern: values[done + bad])), not a whole number below 2^64",
        "identify events by integers from 0 up")
    }
  }

  /// The same of category column `column`: the number of the group that lists the value.
  func read(_ events: Range<Int>, category column: Int, into values: inout MutableSpan<UInt16>) throws(EventFault) {
    var field = categories[column]
    let step = shape.step(of: field.size)
    try forEachBlock(events, at: field.offset, size: field.size) { bytes, block, done throws(EventFault) in
      for event in 0..<block.count {
        let value = bytes.extracting(event * step..<event * step + field.size)
        guard let group = field.group(of: value) ?? (allowsUnusable ? CategoryColumn.unknown : nil) else {
          throw EventFault(
            place: shape.place(of: block.lowerBound + event, at: field.offset, step: step),
            error: field.category.unknown(
              field.text(value), file: file.path,
              at: "element \(shape.element(block.lowerBound + event, at: field.offset)), "))
        }
        values[done + event] = group
      }
    }
  }

  private func fault(_ event: Int, _ field: NpyNumberField, _ value: String, _ advice: String) -> EventFault {
    EventFault(
      place: shape.place(of: event, at: field.offset, step: shape.step(of: field.number.size)),
      error: DataError(
        .badData, file: file.path,
        what: "element \(shape.element(event, at: field.offset)) of column \(field.name.abridged()) is \(value)",
        advice: advice))
  }

  /// Gives `body` the bytes of some events from the value of each field on, a block of events that a cache holds at a time, with the
  /// number of the field and that of the events before the block. Of several faults of a block the first in the file is thrown.
  private func forEachBlock(
    _ events: Range<Int>, of fields: [NpyNumberField],
    _ body: (NpyNumberField, Int, Span<UInt8>, Range<Int>, Int) throws(EventFault) -> Void
  ) throws(EventFault) {
    guard shape.isByEvent else {
      for (number, field) in fields.enumerated() {
        try forEachBlock(events, at: field.offset, size: field.number.size) { bytes, block, done throws(EventFault) in
          try body(field, number, bytes, block, done)
        }
      }
      return
    }
    // All fields of a record at a time, so that the file is read once.
    try forEachBlock(events, at: 0, size: 0) { bytes, block, done throws(EventFault) in
      var first: EventFault?
      for (number, field) in fields.enumerated() {
        do throws(EventFault) {
          try body(field, number, bytes.extracting(field.offset..<bytes.count), block, done)
        } catch  where error.place < first?.place ?? .max {
          first = error
        } catch {}
      }
      if let first { throw first }
    }
  }

  /// The same of the bytes that begin `offset` bytes into the first event, where a column of values of `size` bytes begins.
  private func forEachBlock(
    _ events: Range<Int>, at offset: Int, size: Int, _ body: (Span<UInt8>, Range<Int>, Int) throws(EventFault) -> Void
  ) throws(EventFault) {
    precondition(events.lowerBound >= 0 && events.upperBound <= self.events)
    let step = shape.step(of: size)
    let most = max(1, (1 << 18) / step)
    var first = events.lowerBound
    while first < events.upperBound {
      let block = first..<min(first + most, events.upperBound)
      // Of records all is read.
      let begin = shape.isByEvent ? 0 : offset
      let bytes = try file.bytes(
        block.count * step, at: shape.dataOffset + begin + block.lowerBound * step)
      try body(
        bytes.span.extracting((shape.isByEvent ? offset : 0)..<bytes.count), block, block.lowerBound - events.lowerBound
      )
      first = block.upperBound
    }
  }
}
