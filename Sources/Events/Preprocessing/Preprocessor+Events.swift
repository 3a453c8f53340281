import Expressions
import Machine

// The events of a file, block by block.

extension Preprocessor {
  /// Which term of the selection an event fails first.
  struct Cuts: Sendable {
    /// Of each event the number of the term, or the number of terms where it passes all; empty: all events pass.
    var first: [UInt8] = []
    /// The number of terms.
    var terms = 0

    func isSelected(_ event: Int) -> Bool { first.isEmpty || Int(first[event]) == terms }
  }

  /// Puts the inputs of some events of a file into the beginning of `values`: (events, inputs), float32, NaN where missing. Of events that
  /// are not selected those that cannot be computed are infinite.
  ///
  /// What cannot be used of events that are selected is thrown, the first of it, or added to `unusable`, where that is given.
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
      // NaN is what is missing.
      for flag in flags {
        for event in block { values[event * inputs + flag.input] = values[event * inputs + flag.of].isNaN ? 1 : 0 }
      }
      let first = block.lowerBound * inputs
      let places = first..<first + block.count * inputs
      guard countInfinite(values.span.extracting(places)) > 0 else { return }
      for place in places where values[place].isInfinite {
        let (event, input) = (place - first).quotientAndRemainder(dividingBy: inputs)
        guard isSelected(event) else { continue }
        // What was found before.
        guard results[input * Program.blockSize + event].isFinite else { continue }
        let number = events.lowerBound + block.lowerBound + event
        let value = results[input * Program.blockSize + event]
        try UnusableValues.add(
          UnusableValue(inputNames[input], .range), block.lowerBound + event, to: &unusable
        ) {
          EventFault(
            place: number,
            error: DataError(
              .badData, file: path,
              what: "event \(number + 1): feature \(inputNames[input].quoted) is \(value), beyond the range of float32",
              advice: "leave the event out by data.selection, or transform the feature"))
        }
      }
    }
  }

  /// Puts the results of some events, rounded to float32, into `values` from place `first` on: (events, inputs).
  private func transpose(_ results: Span<Double>, _ events: Int, to values: inout MutableSpan<Float>, from first: Int) {
    let (inputs, size) = (inputNames.count, Program.blockSize)
    precondition(events <= size && results.count >= inputs * size && first + events * inputs <= values.count)
    // Eight inputs of an event at a time stand in one cache line of `values`, or in two.
    for input in Swift.stride(from: 0, to: inputs, by: 8) {
      for event in 0..<events {
        let to = first &+ event &* inputs
        for input in input..<min(input &+ 8, inputs) {
          // SAFETY: within both, by the condition above.
          unsafe values[unchecked: to &+ input] = unsafe Float(results[unchecked: input &* size &+ event])
        }
      }
    }
  }

  /// The values of some of the events of a range, by their places in it: (outputs, places), NaN where missing, or where they cannot be
  /// used and are added to `unusable`.
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

  /// Gives `body` the results of some events, a block at a time: (outputs, ``Program/blockSize``), finite or missing for events that are
  /// selected; of those in `unusable` they may be NaN. With `chosen`, of those alone that stand at these places among the events.
  private func forEachBlock(
    _ source: EventSource, _ range: Range<Int>, at chosen: [Int]? = nil, path: String,
    _ unusable: inout UnusableValues?,
    _ body: (Range<Int>, Span<Double>, (Int) -> Bool, inout UnusableValues?) throws(EventFault) -> Void
  ) throws(EventFault) -> Cuts {
    let events = EventNumbers(range: range, chosen: chosen)
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

  /// Of the columns that are wanted of a file in double precision, those of the preprocessing come last. Returns what is not finite
  /// without standing for something missing: the column of each event that has such a value. It is NaN in `values`.
  private func readColumns(
    _ source: EventSource, _ events: EventNumbers, into values: inout [Double], allowsUnusable: Bool
  ) throws(EventFault) -> [Int: [FaultyColumn]] {
    // A selector without a selection needs none.
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
    // As the program wants them.
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

  /// Makes NaN of values that are not finite and stand for nothing missing, and returns them: see ``readColumns``.
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

/// How many values are infinite: a loop without branches, which the compiler makes a vector loop.
private func countInfinite(_ values: Span<Float>) -> Int32 {
  var count: Int32 = 0
  var place = 0
  while place < values.count {
    // SAFETY: it is an index of the values.
    count &+= unsafe values[unchecked: place].bitPattern & 0x7FFF_FFFF == 0x7F80_0000 ? 1 : 0
    place &+= 1
  }
  return count
}
