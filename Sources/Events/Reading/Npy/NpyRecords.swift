import Formats
import Machine

/// The events of a structured array in a `.npy` file, a record each: their columns are found by the names of the fields, and the
/// other fields may hold anything.
struct NpyRecords: Sendable {
  private let file: SharedFile
  /// Where in the file the records begin.
  private let offset: Int
  /// The bytes of a record.
  private let step: Int
  let events: Int
  /// The names of the features that are taken, in their order.
  let featureNames: [String]
  private let featureFields: [NpyNumberField]
  private let identities: [NpyNumberField]
  private let numbers: [NpyNumberField]
  private let categories: [NpyCategoryField]

  var features: Int { featureFields.count }
  var columnCounts: (identities: Int, numbers: Int, categories: Int) {
    (identities.count, numbers.count, categories.count)
  }

  /// The array behind a header, which `size` bytes of a file hold.
  init(_ file: SharedFile, _ header: NpyHeader, size: Int, _ request: EventRequest) throws(DataError) {
    let path = file.file.path
    guard let step = header.itemSize, header.shape.count == 1 || header.shape.count == 2 && header.shape.contains(1)
    else {
      throw DataError(
        .badData, file: path, what: "a structured array of shape \(header.shapeText)",
        advice: "save one of shape (events,)")
    }
    guard step > 0 else {
      throw DataError(
        .badData, file: path, what: "records that hold nothing", advice: "save fields of numbers")
    }
    try header.requireValues(of: step, in: path, size: size)
    (self.file, self.step, offset) = (file, step, header.dataOffset)
    events = header.shape.reduce(1, *)

    let names = header.fields.map(\.name)
    let columns = ColumnNames(names, request, file: path, isComment: false)
    func field(_ name: String, _ key: String) throws(DataError) -> NpyField {
      header.fields[try columns.number(of: name, key: key)]
    }
    featureNames = request.features.isEmpty ? names : request.features
    featureFields = try featureNames.map { name throws(DataError) in
      try NpyNumberField(field(name, "data.features"), file: path)
    }
    identities = try request.identity.map { name throws(DataError) in
      try NpyNumberField(identity: field(name, EventRequest.identityKey), file: path)
    }
    numbers = try request.numbers.map { name throws(DataError) in
      try NpyNumberField(field(name, EventRequest.numbersKey), file: path)
    }
    categories = try request.categories.map { category throws(DataError) in
      try NpyCategoryField(field(category.column, category.key), category, file: path)
    }
  }

  /// Puts the features of some events into the beginning of `values`: (events, features), rounded to float32, all finite unless others
  /// are allowed.
  func read(
    _ events: Range<Int>, into values: inout MutableSpan<Float>, allowsNonFinite: Bool = false
  ) throws(EventFault) {
    precondition(events.count * features <= values.count)
    var first: EventFault?
    try forEachBlock(events) { bytes, block, done throws(EventFault) in
      for (feature, field) in featureFields.enumerated() {
        let place = bytes.extracting(field.offset..<bytes.count)
        let start = done * features + feature
        guard
          !field.number.convert(
            place, step: step, count: block.count, to: &values, from: start, stride: features),
          !allowsNonFinite,
          let bad = (0..<block.count).first(where: { !values[start + $0 * features].isFinite })
        else { continue }
        let value = field.number.double(place, at: bad, step: step)
        let fault = fault(
          block.lowerBound + bad, field, "\(value)\(value.isFinite ? ", beyond the range of float32" : "")",
          nonFiniteAdvice)
        if fault.place < first?.place ?? .max { first = fault }
      }
      if let first { throw first }
    }
  }

  /// The same of number column `column`, in float64.
  func read(_ events: Range<Int>, number column: Int, into values: inout MutableSpan<Double>) throws(EventFault) {
    let field = numbers[column]
    try forEachBlock(events) { bytes, block, done throws(EventFault) in
      let place = bytes.extracting(field.offset..<bytes.count)
      guard !field.number.convert(place, step: step, count: block.count, to: &values, from: done),
        let bad = (0..<block.count).first(where: { !values[done + $0].isFinite })
      else { return }
      throw fault(block.lowerBound + bad, field, "\(values[done + bad])", nonFiniteWeightAdvice)
    }
  }

  /// The same of identity column `column`, whose integers are not negative.
  func read(_ events: Range<Int>, identity column: Int, into values: inout MutableSpan<UInt64>) throws(EventFault) {
    let field = identities[column]
    try forEachBlock(events) { bytes, block, done throws(EventFault) in
      let place = bytes.extracting(field.offset..<bytes.count)
      field.number.convert(integers: place, step: step, count: block.count, to: &values, from: done)
      guard field.number.kind == .signed, let bad = (0..<block.count).first(where: { values[done + $0] >> 63 == 1 })
      else {
        return
      }
      throw fault(
        block.lowerBound + bad, field, "\(Int64(bitPattern: values[done + bad])), not a whole number below 2^64",
        "identify an event by integers from 0 on")
    }
  }

  /// The same of category column `column`: the number of the group that lists the value.
  func read(_ events: Range<Int>, category column: Int, into values: inout MutableSpan<UInt16>) throws(EventFault) {
    var field = categories[column]
    try forEachBlock(events) { bytes, block, done throws(EventFault) in
      for event in 0..<block.count {
        let begin = event * step + field.offset
        guard let group = field.group(of: bytes.extracting(begin..<begin + field.size)) else {
          let value = field.text(bytes.extracting(begin..<begin + field.size))
          throw EventFault(
            place: (block.lowerBound + event) * step + field.offset,
            error: field.category.unknown(
              value, file: file.file.path, at: "element [\(block.lowerBound + event)], "))
        }
        values[done + event] = group
      }
    }
  }

  private func fault(_ event: Int, _ field: NpyNumberField, _ value: String, _ advice: String) -> EventFault {
    EventFault(
      place: event * step + field.offset,
      error: DataError(
        .badData, file: file.file.path, what: "element [\(event)] of column \(field.name.abridged()) is \(value)",
        advice: advice))
  }

  /// Gives `body` the bytes of some events, a block that a cache holds at a time, with the number of events before it.
  private func forEachBlock(
    _ events: Range<Int>, _ body: (Span<UInt8>, Range<Int>, Int) throws(EventFault) -> Void
  ) throws(EventFault) {
    precondition(events.lowerBound >= 0 && events.upperBound <= self.events)
    let most = max(1, (1 << 18) / step)
    var first = events.lowerBound
    while first < events.upperBound {
      let block = first..<min(first + most, events.upperBound)
      let bytes = try file.bytes(block.count * step, at: offset + block.lowerBound * step)
      try body(bytes.span, block, block.lowerBound - events.lowerBound)
      first = block.upperBound
    }
  }
}
