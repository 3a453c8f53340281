import Expressions

/// The values of expressions for events whose columns are lists of numbers.
func values(
  _ expressions: [String], _ columns: [String: [Double]], objects: [EventObject] = [],
  definitions: KeyValuePairs<String, String> = [:], selection: String? = nil
) throws -> [[Double]] {
  let program = try Definitions(
    objects: objects, definitions: definitions.map { Definitions.Definition(name: $0.key, text: $0.value) },
    columns: Array(columns.keys)
  ).program(for: expressions.map { Definitions.Definition(name: $0, text: $0) }, selection: selection)
  let count = columns.values.first?.count ?? 1
  let flat = program.columns.flatMap { columns[$0] ?? [] }
  var scratch = program.scratch()
  var results = [Double](repeating: 0, count: program.outputs * Program.blockSize)
  var found = [[Double]](repeating: [], count: program.outputs)
  for first in stride(from: 0, to: count, by: Program.blockSize) {
    let block = first..<min(count, first + Program.blockSize)
    var span = results.mutableSpan
    program.run(block, of: flat.span, stride: count, scratch: &scratch, results: &span)
    for output in found.indices {
      found[output] += results[output * Program.blockSize..<output * Program.blockSize + block.count]
    }
  }
  return found
}

/// The value of an expression for one event.
func value(_ expression: String, _ columns: [String: Double] = ["x": 0], objects: [EventObject] = []) throws -> Double {
  try values([expression], columns.mapValues { [$0] }, objects: objects)[0][0]
}

/// The error of an expression.
func error(_ expression: String, _ columns: [String] = ["x", "lep_pt"], objects: [EventObject] = []) -> String {
  do {
    _ = try Definitions(objects: objects, definitions: [], columns: columns).program(for: [
      .init(name: "it", text: expression)
    ])
    return ""
  } catch { return "character \(error.error.range.lowerBound + 1): \(error.error.what); \(error.error.advice)" }
}
