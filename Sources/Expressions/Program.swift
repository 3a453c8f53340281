import ColumnKernels
import KernelOperands
import Machine

/// Compiled definitions: the operations on columns that compute the requested values.
///
/// It processes blocks of events, one operation at a time on arrays of ``blockSize`` numbers, in double precision. Every operation is
/// either fixed to the last bit by IEEE 754 or one of `Elementary`'s, and never depends on its neighbours in the array. So every event
/// gives the same bits on every machine and in every block.
public struct Program: Sendable {
  /// The names of the columns it reads.
  public let columns: [String]
  /// The number of values it computes.
  public var outputs: Int { results.count }
  /// For each value, the indices of the columns it depends on.
  public let dependencies: [[Int]]

  /// The number of events processed at a time, small enough for intermediate results to stay in a core's cache.
  public static let blockSize = 256

  private enum Place: Sendable {
    case column(Int)
    /// The index of an array in the scratch memory.
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

  /// A program that computes these nodes.
  init(_ graph: Graph, _ nodes: [Int]) {
    self.graph = graph
    self.nodes = nodes
    columns = graph.columns
    dependencies = nodes.map { graph.columns(of: $0).sorted() }
    // How often each node is used after the current step: its register becomes free at 0.
    var uses = [Int](repeating: 0, count: graph.nodes.count)
    var isWanted = uses.map { _ in false }
    for node in nodes { isWanted[node] = true }
    for (node, content) in graph.nodes.enumerated().reversed() where isWanted[node] {
      if case .operation(_, let operands) = content { for operand in operands { isWanted[operand] = true } }
    }
    for (node, content) in graph.nodes.enumerated() where isWanted[node] {
      if case .operation(_, let operands) = content { for operand in operands { uses[operand] += 1 } }
    }
    // The registers of results and constants are never reused.
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

  /// Scratch arrays for the intermediate results of one thread.
  public func scratch() -> [Double] {
    var scratch = [Double](repeating: 0, count: max(1, registers) * Self.blockSize)
    for constant in constants {
      for index in 0..<Self.blockSize { scratch[constant.register * Self.blockSize + index] = constant.value }
    }
    return scratch
  }

  /// Computes the values of at most ``blockSize`` events.
  ///
  /// - Parameters:
  ///   - events: The indices of the events within `values`.
  ///   - values: (columns, `stride`): the columns one after the other; missing values are NaN.
  ///   - scratch: The result of ``scratch()``.
  ///   - results: (outputs, ``blockSize``): value o of event i of the block is stored at o · `blockSize` + i.
  public func run(
    _ events: Range<Int>, of values: Span<Double>, stride: Int, scratch: inout [Double],
    results: inout MutableSpan<Double>
  ) {
    let size = Self.blockSize
    precondition(events.count <= size && events.lowerBound >= 0 && events.upperBound <= stride)
    precondition(values.count >= columns.count * stride && scratch.count >= registers * size)
    precondition(results.count >= outputs * size)
    // SAFETY: by the checks above, columns and registers lie within the values and the scratch; the initialiser has
    // numbered both.
    unsafe values.withUnsafeBufferPointer { values in
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        guard let registers = scratch.baseAddress else { return }
        // Without columns, everything is constant.
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

  /// Why a value of an event is not finite.
  public struct Fault: Sendable {
    /// The index of the failed operation in the program; nil if none was found.
    public let operation: Int?
    /// Its operands, all finite.
    fileprivate var operands: [Double] = []
    /// The columns of the event.
    fileprivate let columns: [Double]
  }

  /// Finds out why a value of an event is not finite although none of its columns is missing: the first operation that failed.
  public func fault(of output: Int, columns values: [Double]) -> Fault {
    let found = evaluated(output, values)
    for (node, content) in graph.nodes.enumerated() {
      guard let result = found[node], !result.isFinite, case .operation(_, let operands) = content else {
        continue
      }
      let numbers = operands.compactMap { found[$0] }
      if numbers.allSatisfy(\.isFinite) { return Fault(operation: node, operands: numbers, columns: values) }
    }
    return Fault(operation: nil, columns: values)
  }

  /// A fault in words.
  public func explanation(_ fault: Fault) -> String {
    guard let node = fault.operation, case .operation(let operation, _) = graph.nodes[node] else {
      return "a non-finite value"
    }
    let names = graph.columns(of: node).sorted().prefix(8).map { "\(columns[$0]) = \(fault.columns[$0])" }
    return
      "\(operation.fault(fault.operands)) in \(graph.origins[node].snippet.abridged(to: 60).onOneLine.quotedExpression) "
      + "(\(names.joined(separator: ", ")))"
  }

  /// The values of the nodes that an output is made of; nil for all others.
  private func evaluated(_ output: Int, _ values: [Double]) -> [Double?] {
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
    return found
  }
}

extension String {
  fileprivate var quotedExpression: String { "\"\(self)\"" }
}
