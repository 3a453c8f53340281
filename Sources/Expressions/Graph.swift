import KernelOperands

/// The graph of operations of all expressions. Each operation on the same operands occurs once, even if several expressions contain it.
struct Graph: Sendable {
  enum Node: Hashable, Sendable {
    /// A constant by its bit pattern, which distinguishes −0 from 0.
    case constant(UInt64)
    /// An index into ``columns``.
    case column(Int)
    case operation(ColumnOperation, [Int])
  }
  /// The operands of an operation precede it.
  private(set) var nodes: [Node] = []
  private(set) var columns: [String] = []
  /// Where each node first appears in the text, for messages.
  private(set) var origins: [Origin] = []
  private var places: [Node: Int] = [:]
  private var columnNumbers: [String: Int] = [:]

  /// A part of a text.
  struct Origin: Sendable {
    var text: String
    var range: Range<Int>

    var snippet: String {
      let scalars = Array(text.unicodeScalars)
      return String(String.UnicodeScalarView(scalars[range.clamped(to: 0..<scalars.count)]))
    }
  }

  mutating func constant(_ value: Double, _ origin: Origin) -> Int { place(.constant(value.bitPattern), origin) }

  mutating func column(_ name: String, _ origin: Origin) -> Int {
    let number = columnNumbers[name] ?? columns.count
    if number == columns.count {
      columns.append(name)
      columnNumbers[name] = number
    }
    return place(.column(number), origin)
  }

  /// Adds an operation; an operation on constants becomes a constant.
  mutating func apply(_ operation: ColumnOperation, _ operands: [Int], _ origin: Origin) throws(ExpressionError) -> Int
  {
    precondition(operands.count == operation.operands)
    let values = operands.compactMap { value(of: $0) }
    guard values.count == operands.count else { return place(.operation(operation, operands), origin) }
    let result = operation.applied(to: values)
    guard result.isFinite else {
      throw ExpressionError(
        text: origin.text, range: origin.range, what: operation.fault(values),
        advice: "correct the expression, which has no value for any event")
    }
    return constant(result, origin)
  }

  /// The value of a constant node.
  func value(of node: Int) -> Double? {
    if case .constant(let bits) = nodes[node] { return Double(bitPattern: bits) }
    return nil
  }

  /// The indices of the columns that a node depends on.
  func columns(of node: Int) -> Set<Int> {
    var (found, seen, open) = (Set<Int>(), Set<Int>(), [node])
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      switch nodes[next] {
      case .constant: break
      case .column(let column): found.insert(column)
      case .operation(_, let operands): open += operands
      }
    }
    return found
  }

  private mutating func place(_ node: Node, _ origin: Origin) -> Int {
    if let place = places[node] { return place }
    nodes.append(node)
    origins.append(origin)
    places[node] = nodes.count - 1
    return nodes.count - 1
  }
}
