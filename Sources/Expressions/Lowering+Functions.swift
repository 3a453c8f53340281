import KernelOperands
import Machine

// What stands in brackets behind a name.

extension Lowering {
  mutating func call(
    _ function: Function, _ name: String, _ arguments: [Syntax], _ whole: Syntax
  ) throws(ExpressionError) -> Value {
    let place = origin(whole)
    func require(_ isEnough: Bool, _ expected: String) throws(ExpressionError) {
      guard !isEnough else { return }
      throw error(whole, "\(name) has \(counted(arguments.count, "argument"))", "give it \(expected)")
    }
    switch function {
    case .operation(.choice):
      try require(arguments.count == 3, "a condition and two values: where(lep_pt > 30, 1, 0)")
      return .number(
        try graph.apply(.choice, [truth(arguments[0]), number(arguments[1]), number(arguments[2])], place))
    case .operation(.isMissing):
      try require(arguments.count == 1, "one")
      return .truth(try graph.apply(.isMissing, [number(arguments[0])], place))
    case .operation(.power):
      try require(arguments.count == 2, "two")
      return .number(try power(number(arguments[0]), number(arguments[1]), place))
    case .operation(let operation):
      try require(arguments.count == operation.operands, operation.operands == 1 ? "one" : "\(operation.operands)")
      var operands: [Int] = []
      for argument in arguments { operands.append(try number(argument)) }
      return .number(try graph.apply(operation, operands, place))
    case .extreme(let operation):
      try require(!arguments.isEmpty, "one or more")
      var result = try number(arguments[0])
      for argument in arguments.dropFirst() { result = try graph.apply(operation, [result, number(argument)], place) }
      return .number(result)
    case .clip:
      try require(arguments.count == 3, "a value, a lower and an upper limit: clip(met, 0, 500)")
      let least = try graph.apply(.greatest, [number(arguments[0]), number(arguments[1])], place)
      return .number(try graph.apply(.least, [least, number(arguments[2])], place))
    case .kinematic(let kinematics):
      try require(
        kinematics.isOfTwo ? arguments.count == 2 : !arguments.isEmpty,
        kinematics.isOfTwo ? "two objects" : "one or more objects")
      var sums: [[EventObject]] = []
      for argument in arguments { sums.append(try parts(argument)) }
      return .number(try self.kinematics(kinematics, sums, place))
    case .pairs(let operation, let kinematics):
      try require(arguments.count >= 2, "two or more objects")
      var sums: [[EventObject]] = []
      for argument in arguments { sums.append(try parts(argument)) }
      var result: Int?
      for second in 1..<sums.count {
        for first in 0..<second {
          var value = try self.kinematics(kinematics, [sums[first], sums[second]], place)
          // Signed differences are compared by magnitude.
          if [.deta, .dphi].contains(kinematics) { value = try graph.apply(.magnitude, [value], place) }
          result =
            try result.map { other throws(ExpressionError) in try graph.apply(operation, [other, value], place) }
            ?? value
        }
      }
      return .number(result ?? 0)
    }
  }
}
