import Expressions
import Machine

// The events of a file, block by block.

extension Preprocessor {
  /// For each event, the first term of the selection that it fails.
  struct Cuts: Sendable {
    /// The index of the term, or the number of terms if the event passes all; empty if all events pass.
    var first: [UInt8] = []
    /// The number of terms.
    var terms = 0

    func isSelected(_ event: Int) -> Bool { first.isEmpty || Int(first[event]) == terms }
  }

  /// Writes the inputs of some events of a file to the start of `values`: (events, inputs), float32, NaN if missing. In events that are
  /// not selected, inputs that cannot be computed are infinite.
  ///
  /// Unusable values of selected events are added to `unusable`; without it, the first one is thrown.
  func read(
    _ source: EventSource, _ events: Range<Int>, path: String, into values: inout MutableSpan<Float>,
    _ unusable: inout UnusableValues?
  ) throws(EventFault) -> Cuts {
    let inputs = inputNames.count
    precondition(values.count >= events.count * inputs)
    return try forEachBlock(source, events, path: path, &unusable) {
      block, results, isSelected, unusable throws(EventFault) in
      let to = block.lowerBound * inputs
      transpose(results, block.count, to: &values, from: to)
      for (input, map) in maps.enumerated() {
        guard let map else { continue }
        for event in 0..<block.count {
          let result = results[input * Program.blockSize + event]
          values[to + event * inputs + input] = result.isInfinite ? .infinity : Float(map(result))
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
        // It was reported before.
        guard results[input * Program.blockSize + event].isFinite else { continue }
        let number = source.firstEvent + events.lowerBound + block.lowerBound + event
        let value = results[input * Program.blockSize + event]
        try UnusableValues.add(
          UnusableValue(inputNames[input], .range), block.lowerBound + event, to: &unusable
        ) {
          EventFault(
            place: number,
            error: DataError(
              .badData, file: path,
              what: "event \(number + 1): feature \(inputNames[input].quoted) is \(value), beyond the range of float32",
              advice: "exclude the event with data.selection, or transform the feature"))
        }
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

  /// The values of the events at given positions in a range: (outputs, positions), NaN if missing, or if unusable and added to
  /// `unusable`.
  func values(
    _ source: EventSource, _ events: Range<Int>, at places: [Int], path: String, _ unusable: inout UnusableValues?
  ) throws(EventFault) -> [[Double]] {
    var values = [[Double]](repeating: [], count: inputNames.count)
    guard !places.isEmpty else { return values }
    _ = try forEachBlock(source, events, at: places, path: path, &unusable) { block, results, _, _ in
      for output in values.indices {
        for event in 0..<block.count { values[output].append(results[output * Program.blockSize + event]) }
      }
    }
    return values
  }

  /// Calls `body` with the results of some events, block by block: (outputs, ``Program/blockSize``), finite or missing for selected events
  /// (NaN if added to `unusable`). With `chosen`, only for the events at these positions.
  private func forEachBlock(
    _ source: EventSource, _ range: Range<Int>, at chosen: [Int]? = nil, path: String,
    _ unusable: inout UnusableValues?,
    _ body: (Range<Int>, Span<Double>, (Int) -> Bool, inout UnusableValues?) throws(EventFault) -> Void
  ) throws(EventFault) -> Cuts {
    let events = EventNumbers(range: range, chosen: chosen, first: source.firstEvent)
    let count = events.count
    var columns = [Double](repeating: 0, count: max(1, self.columns.count * count))
    let faulty = try readColumns(source, events, into: &columns, allowsUnusable: unusable != nil)
    let values = ReadColumns(values: columns, events: events, faulty: faulty, path: path)
    var scratch = program.scratch()
    var results = [Double](repeating: 0, count: max(1, program.outputs) * Program.blockSize)
    var cuts = Cuts(terms: terms.count)
    if !terms.isEmpty { cuts.first = [UInt8](repeating: UInt8(terms.count), count: count) }
    for start in Swift.stride(from: 0, to: count, by: Program.blockSize) {
      let block = start..<min(start + Program.blockSize, count)
      var span = results.mutableSpan
      program.run(block, of: values.values.span, stride: count, scratch: &scratch, results: &span)
      try select(block, results, values, &cuts, &unusable)
      let isSelected = { (event: Int) in cuts.isSelected(start + event) }
      try checkColumns(block, values, &unusable, isSelected)
      try check(block, &results, values, &unusable, isSelected)
      try body(block, results.span, isSelected, &unusable)
    }
    return cuts
  }

  /// The columns of the preprocessing are the last of the double-precision columns requested. Returns, for each event that has any, the
  /// values that are neither finite nor missing; they are NaN in `values`.
  private func readColumns(
    _ source: EventSource, _ events: EventNumbers, into values: inout [Double], allowsUnusable: Bool
  ) throws(EventFault) -> [Int: [FaultyColumn]] {
    // A selector without a selection reads none.
    guard !places.isEmpty else { return [:] }
    let first = source.columnCounts.numbers - columnsOfAll
    let sentinels = missing?.values.map { Float($0) } ?? []
    let stride = events.range.count
    var read = [Double](repeating: 0, count: columnsOfAll * stride)
    var span = read.mutableSpan
    try source.read(events.range, numbers: first..<first + columnsOfAll, into: &span, allowsUnusable: allowsUnusable)
    let faulty = takeFaulty(&read, events)
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
    return faulty
  }

  /// Replaces values that are neither finite nor missing by NaN and returns them: see ``readColumns``.
  private func takeFaulty(_ read: inout [Double], _ events: EventNumbers) -> [Int: [FaultyColumn]] {
    var notFinite: UInt64 = 0
    for value in read { notFinite |= (value.bitPattern & 0x7FF0_0000_0000_0000) &+ 0x0010_0000_0000_0000 }
    guard notFinite >> 63 != 0 else { return [:] }
    var faulty: [Int: [FaultyColumn]] = [:]
    for event in 0..<events.count {
      for (column, place) in places.enumerated() {
        let index = place * events.range.count + (events.chosen?[event] ?? event)
        let value = read[index]
        guard value.isInfinite || value.isNaN && missing?.allowsNaN != true else { continue }
        faulty[event, default: []].append(FaultyColumn(number: column, value: value))
        read[index] = .nan
      }
    }
    return faulty
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
