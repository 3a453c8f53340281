public import Expressions
import Machine

/// Computes the inputs of a network from the columns of event files.
public struct Preprocessor: Sendable {
  /// The names of the inputs, in their order.
  public let inputNames: [String]
  /// The columns it reads, in double precision.
  private let columns: [String]
  /// The index of each of them among the columns of the preprocessing, and the number of the latter.
  private let places: [Int]
  private let columnsOfAll: Int
  /// The terms of the selection as written.
  public let terms: [String]

  private let missing: MissingValues?
  private let program: Program
  private let maps: [QuantileMap?]
  /// The fill values of the inputs; empty if no input can be missing.
  private let fills: [Float]
  /// Inputs that flag missing values, and the inputs they flag.
  private let flags: [(input: Int, of: Int)]

  /// With the inputs before anything that must be fitted to training events; used for the fit.
  init(unfitted preprocessing: Preprocessing, outputs: [Definitions.Definition]) throws(DefinitionError) {
    try self.init(preprocessing, outputs, maps: outputs.map { _ in nil }, fills: [], flags: [])
  }

  /// - Throws: an error in an expression, or a fill value for which a transform is undefined.
  public init(_ fitted: FittedPreprocessing) throws(DefinitionError) {
    let (preprocessing, fit) = (fitted.preprocessing, fitted.fit)
    let inputs = preprocessing.inputs
    let maps = inputs.map { input in
      input.quantile.flatMap { quantile in
        input.feature.map { QuantileMap(quantiles: fit.quantiles[$0], isNormal: quantile == .normal) }
      }
    }
    var fills: [Float] = []
    if !fit.fills.isEmpty {
      fills = zip(try preprocessing.transformed(fit.fills), maps).map { value, map in Float(map?(value) ?? value) }
    }
    try self.init(
      preprocessing, inputs.map { Definitions.Definition(name: $0.name, text: $0.expression) }, maps: maps,
      fills: fills,
      flags: inputs.enumerated().compactMap { number, input in input.flagged.map { (number, $0) } })
  }

  private init(
    _ preprocessing: Preprocessing, _ outputs: [Definitions.Definition], maps: [QuantileMap?], fills: [Float],
    flags: [(input: Int, of: Int)]
  ) throws(DefinitionError) {
    inputNames = outputs.map(\.name)
    program = try preprocessing.scope().program(for: outputs, selection: preprocessing.selection)
    columns = program.columns
    let all = try preprocessing.columns()
    columnsOfAll = all.count
    places = columns.compactMap { all.firstIndex(of: $0) }
    precondition(places.count == columns.count, "columns that only a part of a preprocessing needs")
    terms =
      try preprocessing.selection.map { text throws(DefinitionError) in
        try Definitions.terms(ofSelection: text)
      } ?? []
    missing = preprocessing.missing
    (self.maps, self.fills, self.flags) = (maps, fills, flags)
  }

  /// A preprocessor that only decides which events are selected.
  static func selector(_ preprocessing: Preprocessing) throws(DefinitionError) -> Preprocessor {
    try Preprocessor(unfitted: preprocessing, outputs: [])
  }

  /// Whether inputs may be missing.
  var hasMissing: Bool { missing != nil }

  /// Replaces missing inputs by their fill values.
  func fill(_ values: inout MutableSpan<Float>) {
    guard !fills.isEmpty else { return }
    for first in Swift.stride(from: 0, to: values.count - fills.count + 1, by: fills.count) {
      for input in fills.indices where values[first + input].isNaN { values[first + input] = fills[input] }
    }
  }

  // MARK: Reading events

  /// For each event, the first term of the selection that it fails.
  struct Cuts: Sendable {
    /// The index of the term, or the number of terms if the event passes all; empty if all events pass.
    var first: [UInt8] = []
  }

  /// Writes the inputs of some events of a file to the start of `values`: (events, inputs), float32, NaN if missing. The inputs of events
  /// that are not selected are undefined.
  func read(
    _ source: EventSource, _ events: Range<Int>, path: String, into values: inout MutableSpan<Float>
  ) throws(EventFault) -> Cuts {
    let inputs = inputNames.count
    precondition(values.count >= events.count * inputs)
    return try forEachBlock(source, events, path: path) { block, results, isSelected throws(EventFault) in
      let to = block.lowerBound * inputs
      transpose(results, block.count, to: &values, from: to)
      for (input, map) in maps.enumerated() {
        guard let map else { continue }
        for event in 0..<block.count {
          values[to + event * inputs + input] = Float(map(results[input * Program.blockSize + event]))
        }
      }
      // NaN means missing.
      for flag in flags {
        for event in block { values[event * inputs + flag.input] = values[event * inputs + flag.of].isNaN ? 1 : 0 }
      }
      let first = block.lowerBound * inputs
      let places = first..<first + block.count * inputs
      guard countInfinite(values.span.extracting(places)) > 0 else { return }
      for place in places where values[place].isInfinite {
        let (event, input) = (place - first).quotientAndRemainder(dividingBy: inputs)
        guard isSelected(event) else { continue }
        throw fault(
          events.lowerBound + block.lowerBound + event, path, input,
          "is \(results[input * Program.blockSize + event]), beyond the range of float32",
          "exclude the event with data.selection, or transform the feature")
      }
    }
  }

  /// Writes the results of some events, rounded to float32, to `values` from position `first` on: (events, inputs).
  private func transpose(_ results: Span<Double>, _ events: Int, to values: inout MutableSpan<Float>, from first: Int) {
    let (inputs, size) = (inputNames.count, Program.blockSize)
    precondition(events <= size && results.count >= inputs * size && first + events * inputs <= values.count)
    // Eight inputs of an event span one or two cache lines of `values`.
    for input in Swift.stride(from: 0, to: inputs, by: 8) {
      for event in 0..<events {
        let to = first &+ event &* inputs
        for input in input..<min(input &+ 8, inputs) {
          // SAFETY: in bounds of both, by the condition above.
          unsafe values[unchecked: to &+ input] = unsafe Float(results[unchecked: input &* size &+ event])
        }
      }
    }
  }

  /// The values of the events at given positions in a range: (outputs, positions), NaN if missing.
  func values(
    _ source: EventSource, _ events: Range<Int>, at places: [Int], path: String
  ) throws(EventFault) -> [[Double]] {
    var values = [[Double]](repeating: [], count: inputNames.count)
    guard !places.isEmpty else { return values }
    _ = try forEachBlock(source, events, at: places, path: path) { block, results, _ in
      for output in values.indices {
        for event in 0..<block.count { values[output].append(results[output * Program.blockSize + event]) }
      }
    }
    return values
  }

  /// Calls `body` with the results of some events, block by block: (outputs, ``Program/blockSize``), finite or missing for selected events.
  /// With `chosen`, only for the events at these positions.
  private func forEachBlock(
    _ source: EventSource, _ range: Range<Int>, at chosen: [Int]? = nil, path: String,
    _ body: (Range<Int>, Span<Double>, (Int) -> Bool) throws(EventFault) -> Void
  ) throws(EventFault) -> Cuts {
    let events = EventNumbers(range: range, chosen: chosen)
    let count = events.count
    var columns = [Double](repeating: 0, count: max(1, self.columns.count * count))
    try readColumns(source, events, into: &columns)
    var scratch = program.scratch()
    var results = [Double](repeating: 0, count: max(1, program.outputs) * Program.blockSize)
    var cuts = Cuts()
    if !terms.isEmpty { cuts.first = [UInt8](repeating: UInt8(terms.count), count: count) }
    for start in Swift.stride(from: 0, to: count, by: Program.blockSize) {
      let block = start..<min(start + Program.blockSize, count)
      var span = results.mutableSpan
      program.run(block, of: columns.span, stride: count, scratch: &scratch, results: &span)
      try select(block, results, columns, events, path, &cuts)
      let isSelected = { (event: Int) in terms.isEmpty || Int(cuts.first[start + event]) == terms.count }
      try check(block, &results, columns, events, path, isSelected)
      try body(block, results.span, isSelected)
    }
    return cuts
  }

  /// The columns of the preprocessing are the last of the double-precision columns requested.
  private func readColumns(
    _ source: EventSource, _ events: EventNumbers, into values: inout [Double]
  ) throws(EventFault) {
    // A selector without a selection reads none.
    guard !places.isEmpty else { return }
    let first = source.columnCounts.numbers - columnsOfAll
    let sentinels = missing?.values.map { Float($0) } ?? []
    let stride = events.range.count
    var read = [Double](repeating: 0, count: columnsOfAll * stride)
    var span = read.mutableSpan
    try source.read(events.range, numbers: first..<first + columnsOfAll, into: &span)
    for sentinel in sentinels {
      for place in read.indices where Float(read[place]) == sentinel { read[place] = .nan }
    }
    // In the order of the program.
    for (column, place) in places.enumerated() {
      let (start, end) = (place * stride, column * events.count)
      if let chosen = events.chosen {
        for (event, number) in chosen.enumerated() { values[end + event] = read[start + number] }
      } else {
        for event in 0..<stride { values[end + event] = read[start + event] }
      }
    }
  }

  /// Decides which events of a block are selected.
  private func select(
    _ block: Range<Int>, _ results: [Double], _ columns: [Double], _ events: EventNumbers, _ path: String,
    _ cuts: inout Cuts
  ) throws(EventFault) {
    for term in terms.indices.reversed() {
      let output = inputNames.count + term
      for event in 0..<block.count {
        let value = results[output * Program.blockSize + event]
        guard value != 1 else { continue }
        cuts.first[block.lowerBound + event] = UInt8(term)
      }
    }
    for event in 0..<block.count {
      let term = Int(cuts.first.isEmpty ? UInt8(terms.count) : cuts.first[block.lowerBound + event])
      guard missing?.allowsNaN != true, term < terms.count,
        results[(inputNames.count + term) * Program.blockSize + event].isNaN,
        !isMissing(inputNames.count + term, block.lowerBound + event, columns, events.count)
      else { continue }
      let number = events[block.lowerBound + event]
      throw EventFault(
        place: number,
        error: DataError(
          .badData, file: path,
          what: "event \(number + 1): data.selection cannot be evaluated: "
            + explanation(inputNames.count + term, block.lowerBound + event, columns, events.count),
          advice: "put a condition before it that excludes such events"))
    }
  }

  /// Refuses results that are neither finite nor missing.
  private func check(
    _ block: Range<Int>, _ results: inout [Double], _ columns: [Double], _ events: EventNumbers, _ path: String,
    _ isSelected: (Int) -> Bool
  ) throws(EventFault) {
    for output in inputNames.indices {
      let first = output * Program.blockSize
      // Sets the highest bit if all bits of the exponent are set: a loop that the compiler vectorises.
      var notFinite: UInt64 = 0
      for event in 0..<block.count {
        notFinite |= (results[first + event].bitPattern & 0x7FF0_0000_0000_0000) &+ 0x0010_0000_0000_0000
      }
      guard notFinite >> 63 != 0 else { continue }
      for event in 0..<block.count where !results[first + event].isFinite && isSelected(event) {
        if missing?.allowsNaN == true || isMissing(output, block.lowerBound + event, columns, events.count) {
          results[first + event] = .nan
          continue
        }
        throw fault(
          events[block.lowerBound + event], path, output,
          "cannot be computed: " + explanation(output, block.lowerBound + event, columns, events.count),
          "exclude such events with data.selection, guard the expression with where(condition, value, other), or treat it as "
            + "missing by adding nan to data.missing.values")
      }
    }
  }

  /// Whether a column that a result depends on is missing.
  private func isMissing(_ output: Int, _ event: Int, _ columns: [Double], _ stride: Int) -> Bool {
    program.dependencies[output].contains { columns[$0 * stride + event].isNaN }
  }

  private func explanation(_ output: Int, _ event: Int, _ columns: [Double], _ stride: Int) -> String {
    program.explanation(of: output, columns: self.columns.indices.map { columns[$0 * stride + event] })
  }

  private func fault(_ event: Int, _ path: String, _ input: Int, _ what: String, _ advice: String) -> EventFault {
    EventFault(
      place: event,
      error: DataError(
        .badData, file: path, what: "event \(event + 1): feature \(inputNames[input].quoted) \(what)", advice: advice
      )
    )
  }
}

/// The number of infinite values: a loop without branches, which the compiler vectorises.
private func countInfinite(_ values: Span<Float>) -> Int32 {
  var count: Int32 = 0
  var place = 0
  while place < values.count {
    // SAFETY: the index is in bounds.
    count &+= unsafe values[unchecked: place].bitPattern & 0x7FFF_FFFF == 0x7F80_0000 ? 1 : 0
    place &+= 1
  }
  return count
}

/// The events of a range in a file, or a subset of them.
private struct EventNumbers {
  let range: Range<Int>
  let chosen: [Int]?

  var count: Int { chosen?.count ?? range.count }

  /// The index in the file.
  subscript(place: Int) -> Int { range.lowerBound + (chosen?[place] ?? place) }
}

extension Preprocessing {
  /// The value of each input, without quantile maps, if the features have these values.
  /// - Throws: a value for which a transform is undefined.
  public func transformed(_ values: [Double]) throws(DefinitionError) -> [Double] {
    var constant = self
    for (number, value) in values.enumerated() {
      constant.features[number].expression = value < 0 ? "(\(value))" : "\(value)"
    }
    let outputs = constant.inputs.map { Definitions.Definition(name: $0.name, text: $0.expression) }
    let program = try Definitions(objects: [], definitions: []).program(for: outputs)
    var (scratch, results) = (program.scratch(), [Double](repeating: 0, count: outputs.count * Program.blockSize))
    var span = results.mutableSpan
    program.run(0..<1, of: [0.0].span, stride: 1, scratch: &scratch, results: &span)
    return outputs.indices.map { results[$0 * Program.blockSize] }
  }
}
