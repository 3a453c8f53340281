import Expressions
import Machine

// Which events are selected, and which values of those cannot be used.

extension Preprocessor {
  /// Decides which events of a block are selected.
  func select(
    _ block: Range<Int>, _ results: [Double], _ values: ReadColumns, _ cuts: inout Cuts,
    _ unusable: inout UnusableValues?
  ) throws(EventFault) {
    for term in terms.indices.reversed() {
      let output = inputNames.count + term
      for event in 0..<block.count {
        let value = results[output * Program.blockSize + event]
        guard value != 1 else { continue }
        cuts.first[block.lowerBound + event] = UInt8(term)
      }
    }
    for event in block where !cuts.isSelected(event) {
      let output = inputNames.count + Int(cuts.first[event])
      guard results[output * Program.blockSize + event - block.lowerBound].isNaN else { continue }
      let faulty = values.faultyColumn(among: program.dependencies[output], event)
      guard faulty != nil || missing?.allowsNaN != true && !values.isMissing(program.dependencies[output], event) else {
        continue
      }
      let fault = program.fault(of: output, columns: values.columns(of: event))
      try UnusableValues.add(
        UnusableValue(nil, faulty == nil ? .operation(fault.operation) : .column), event, to: &unusable
      ) {
        let why = faulty.map { "column \(columns[$0.number].abridged()) is \($0.value)" } ?? program.explanation(fault)
        return values.fault(
          event, "data.selection cannot be evaluated: \(why)", "put a condition before it that excludes such events")
      }
    }
  }

  /// Refuses columns that are neither finite nor missing.
  func checkColumns(
    _ block: Range<Int>, _ values: ReadColumns, _ unusable: inout UnusableValues?, _ isSelected: (Int) -> Bool
  ) throws(EventFault) {
    guard !values.faulty.isEmpty else { return }
    for event in block where isSelected(event - block.lowerBound) {
      for column in values.faulty[event] ?? [] {
        let name = columns[column.number]
        try UnusableValues.add(UnusableValue(name, .column), event, to: &unusable) {
          values.fault(
            event, "column \(name.abridged()) is \(column.value)",
            "exclude such events with data.selection"
              + (column.value.isNaN ? ", or treat it as missing by adding nan to data.missing.values" : ""))
        }
      }
    }
  }

  /// Refuses results that are neither finite nor missing; makes them infinite in events that are not selected.
  func check(
    _ block: Range<Int>, _ results: inout [Double], _ values: ReadColumns, _ unusable: inout UnusableValues?,
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
      // To find out what went wrong takes some µs: a check does so for some events of a block, and counts the others with the last of these.
      var (faults, last) = (0, Program.Fault?.none)
      for event in 0..<block.count where !results[first + event].isFinite {
        let (place, columns) = (block.lowerBound + event, program.dependencies[output])
        if missing?.allowsNaN == true || values.isMissing(columns, place) {
          results[first + event] = .nan
        } else if !isSelected(event) {
          results[first + event] = .infinity
        } else {
          // A faulty column was reported before.
          results[first + event] = .nan
          guard values.faultyColumn(among: columns, place) == nil else { continue }
          let fault = (faults < 16 ? nil : last) ?? program.fault(of: output, columns: values.columns(of: place))
          (faults, last) = (faults + 1, fault)
          try UnusableValues.add(UnusableValue(inputNames[output], .operation(fault.operation)), place, to: &unusable) {
            values.fault(
              place, "feature \(inputNames[output].quoted) cannot be computed: \(program.explanation(fault))",
              "exclude such events with data.selection, guard the expression with where(condition, value, other), or treat it as "
                + "missing by adding nan to data.missing.values")
          }
        }
      }
    }
  }
}

/// A value of a column that is neither finite nor missing.
struct FaultyColumn {
  /// The number of the column in the program.
  let number: Int
  let value: Double
}

/// The columns of a program for some events.
struct ReadColumns {
  /// (columns, events): NaN where missing, or faulty.
  let values: [Double]
  let events: EventNumbers
  /// For each event that has any, its faulty columns.
  let faulty: [Int: [FaultyColumn]]
  let path: String

  /// Whether one of these columns is missing, and none faulty.
  func isMissing(_ columns: [Int], _ event: Int) -> Bool {
    columns.contains { values[$0 * events.count + event].isNaN } && faultyColumn(among: columns, event) == nil
  }

  func faultyColumn(among columns: [Int], _ event: Int) -> FaultyColumn? {
    faulty[event]?.first { columns.contains($0.number) }
  }

  func columns(of event: Int) -> [Double] {
    Swift.stride(from: event, to: values.count, by: max(1, events.count)).map { values[$0] }
  }

  func fault(_ event: Int, _ what: String, _ advice: String) -> EventFault {
    let number = events[event]
    return EventFault(
      place: number, error: DataError(.badData, file: path, what: "event \(number + 1): \(what)", advice: advice))
  }
}

/// The events of a range in a source, or those of them that are chosen.
struct EventNumbers {
  let range: Range<Int>
  let chosen: [Int]?
  /// The number of the source's first event in its file.
  let first: Int

  var count: Int { chosen?.count ?? range.count }

  /// The number in the file.
  subscript(place: Int) -> Int { first + range.lowerBound + (chosen?[place] ?? place) }
}
