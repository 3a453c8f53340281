import ColumnKernels
import KernelOperands
import Machine

/// Definitions, compiled: what to do with the columns of events to get the values that are wanted of them.
///
/// It works on blocks of events, operation by operation on arrays of ``blockSize`` numbers, in double precision. Every operation is one
/// that IEEE 754 fixes to the last bit, or one of `Elementary`'s, and never depends on its neighbours in the array: so every event has the
/// same bits on every machine, in whatever block it stands.
public struct Program: Sendable {
  /// The names of the columns that it needs.
  public let columns: [String]
  /// How many values it gives.
  public var outputs: Int { results.count }
  /// For each value, the numbers of the columns that it follows from.
  public let dependencies: [[Int]]

  /// Events that are worked on in a go: few enough for what they have in between to stay in a core's cache.
  public static let blockSize = 256

  private enum Place: Sendable {
    case column(Int)
    /// Number … among the arrays of the scratch.
    case register(Int)
  }
  private struct Step: Sendable {
    var operation: ColumnOperation
    var result: Int
    var operands: [Place]
  }
  private let steps: [Step]
  private let results: [Place]
  private let registers: Int
  /// The registers that hold a constant.
  private let constants: [(register: Int, value: Double)]
  private let graph: Graph
  private let nodes: [Int]

  /// A program that gives the values of these nodes.
  init(_ graph: Graph, _ nodes: [Int]) {
    self.graph = graph
    self.nodes = nodes
    columns = graph.columns
    dependencies = nodes.map { graph.columns(of: $0).sorted() }
    // How often a node is used after the step at hand: its register is free when that comes to 0.
    var uses = [Int](repeating: 0, count: graph.nodes.count)
    var isWanted = uses.map { _ in false }
    for node in nodes { isWanted[node] = true }
    for (node, content) in graph.nodes.enumerated().reversed() where isWanted[node] {
      if case .operation(_, let operands) = content { for operand in operands { isWanted[operand] = true } }
    }
    for (node, content) in graph.nodes.enumerated() where isWanted[node] {
      if case .operation(_, let operands) = content { for operand in operands { uses[operand] += 1 } }
    }
    // Results and constants are kept.
    for node in nodes { uses[node] += 1 }
    var places = [Place?](repeating: nil, count: graph.nodes.count)
    var (steps, constants, free, registers) = ([Step](), [(register: Int, value: Double)](), [Int](), 0)
    for (node, content) in graph.nodes.enumerated() where isWanted[node] {
      switch content {
      case .column(let column): places[node] = .column(column)
      case .constant(let bits):
        places[node] = .register(registers)
        constants.append((registers, Double(bitPattern: bits)))
        registers += 1
      case .operation(let operation, let operands):
        let register = free.popLast() ?? registers
        registers = max(registers, register + 1)
        steps.append(Step(operation: operation, result: register, operands: operands.compactMap { places[$0] }))
        places[node] = .register(register)
        for operand in operands {
          uses[operand] -= 1
          if uses[operand] == 0, case .register(let last) = places[operand], case .operation = graph.nodes[operand] {
            free.append(last)
          }
        }
      }
    }
    self.steps = steps
    self.constants = constants
    self.registers = registers
    results = nodes.compactMap { places[$0] }
  }

  /// Arrays for what a thread has in between.
  public func scratch() -> [Double] {
    var scratch = [Double](repeating: 0, count: max(1, registers) * Self.blockSize)
    for constant in constants {
      for index in 0..<Self.blockSize { scratch[constant.register * Self.blockSize + index] = constant.value }
    }
    return scratch
  }

  /// Computes the values of some events, at most ``blockSize`` of them.
  ///
  /// - Parameters:
  ///   - events: The numbers of the events among those of `values`.
  ///   - values: (columns, `stride`): the columns one after the other; missing values are NaN.
  ///   - scratch: What ``scratch()`` gives.
  ///   - results: (outputs, ``blockSize``): value o of event number i in the block comes to o · `blockSize` + i.
  public func run(
    _ events: Range<Int>, of values: Span<Double>, stride: Int, scratch: inout [Double],
    results: inout MutableSpan<Double>
  ) {
    let size = Self.blockSize
    precondition(events.count <= size && events.lowerBound >= 0 && events.upperBound <= stride)
    precondition(values.count >= columns.count * stride && scratch.count >= registers * size)
    precondition(results.count >= outputs * size)
    // SAFETY: columns and registers lie within the values and the scratch, by the lines above; the compiler of the program has
    // numbered both.
    unsafe values.withUnsafeBufferPointer { values in
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        guard let registers = scratch.baseAddress else { return }
        // Without columns there are only constants.
        let columns = unsafe values.baseAddress ?? UnsafePointer(registers)
        func pointer(_ place: Place) -> UnsafePointer<Double> {
          switch place {
          case .column(let column): return unsafe columns + (column &* stride &+ events.lowerBound)
          case .register(let register): return unsafe UnsafePointer(registers + register &* size)
          }
        }
        for step in steps {
          let first = unsafe pointer(step.operands[0])
          let second = unsafe step.operands.count > 1 ? pointer(step.operands[1]) : first
          let third = unsafe step.operands.count > 2 ? pointer(step.operands[2]) : first
          unsafe ColumnArithmetic.apply(
            step.operation, to: registers + (step.result &* size), first, second, third, count: events.count)
        }
        for (output, place) in self.results.enumerated() {
          let source = unsafe pointer(place)
          for index in 0..<events.count { unsafe results[output &* size &+ index] = source[index] }
        }
      }
    }
  }

  /// Why a value of an event is not finite, where its columns are there: in words.
  public func explanation(of output: Int, columns values: [Double]) -> String {
    var found = [Double?](repeating: nil, count: graph.nodes.count)
    func value(_ node: Int) -> Double {
      if let value = found[node] { return value }
      let result: Double
      switch graph.nodes[node] {
      case .constant(let bits): result = Double(bitPattern: bits)
      case .column(let column): result = values[column]
      case .operation(let operation, let operands): result = operation.applied(to: operands.map(value))
      }
      found[node] = result
      return result
    }
    _ = value(nodes[output])
    // The first operation that went wrong: its operands are numbers.
    for (node, content) in graph.nodes.enumerated() {
      guard let result = found[node], !result.isFinite, case .operation(let operation, let operands) = content else {
        continue
      }
      let numbers = operands.compactMap { found[$0] }
      guard numbers.allSatisfy(\.isFinite) else { continue }
      let names = graph.columns(of: node).sorted().prefix(8).map { "\(columns[$0]) = \(values[$0])" }
      return
        "\(operation.fault(numbers)) in \(graph.origins[node].snippet.abridged(to: 60).onOneLine.quotedExpression) "
        + "(\(names.joined(separator: ", ")))"
    }
    return "a non-finite value"
  }
}

extension String {
  fileprivate var quotedExpression: String { "\"\(self)\"" }
}
