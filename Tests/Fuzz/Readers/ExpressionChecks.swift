import Expressions

extension FuzzReader {
  /// The bytes are an expression on columns and objects. What is accepted has a value for every event, the same in any block, and an
  /// explanation where that is not finite; what is refused has its place in the text.
  func checkExpression(_ bytes: [UInt8]) throws -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    let objects = EventObject.objects(in: [
      "a_pt", "a_eta", "a_phi", "b_pt", "b_eta", "b_phi", "b_mass", "c_pt", "c_eta", "c_phi", "met_pt", "met_phi",
    ])
    let definitions = Definitions(
      objects: objects, definitions: [.init(name: "twice", text: "2 * x")], columns: ["met"])
    let program: Program
    do { program = try definitions.program(for: [.init(name: "it", text: text)], selection: nil) } catch {
      try requireOneLine("\(error.error)")
      let length = text.unicodeScalars.count
      try require(
        error.error.range.lowerBound >= 0 && error.error.range.upperBound <= max(length, 100_000),
        "a place at \(error.error.range) of \(length)")
      return false
    }
    try require(Definitions.spelled(text).unicodeScalars.count >= text.unicodeScalars.count, "a name that got shorter")
    let numbers = [0.0, 1, -1, .nan, 1e300, .leastNonzeroMagnitude, 3.25]
    let count = 9
    let values = program.columns.indices.flatMap { column in
      (0..<count).map { numbers[($0 * ($0 + column) + column) % numbers.count] }
    }
    var scratch = program.scratch()
    func results(_ events: Range<Int>) -> [Double] {
      var results = [Double](repeating: 0, count: Program.blockSize)
      var span = results.mutableSpan
      program.run(events, of: values.span, stride: count, scratch: &scratch, results: &span)
      return Array(results[..<events.count])
    }
    let together = results(0..<count)
    for event in 0..<count {
      let alone = results(event..<event + 1)[0]
      try require(
        alone.bitPattern == together[event].bitPattern || alone.isNaN && together[event].isNaN,
        "\(alone) alone, \(together[event]) among others")
      guard !alone.isFinite else { continue }
      try requireOneLine(
        program.explanation(program.fault(of: 0, columns: program.columns.indices.map { values[$0 * count + event] })))
    }
    return true
  }
}
