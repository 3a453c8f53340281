import KernelOperands
import Kernels
import Testing

@Suite(.everyKernelSet) struct ParameterUpdateTests {
  /// The parameters and the velocity after a step on a layer of 7 inputs and 8 outputs.
  private func step(from source: GradientSource, nesterov: Bool = true) -> [UInt32] {
    var (parameters, velocity) = (MatrixMultiplyTests.values(64, 1), MatrixMultiplyTests.values(64, 2))
    unsafe kernels.update(
      parameters: &parameters, state: &velocity, stateStride: 64, inputs: 7, stride: 8, from: source, toMean: 0.37,
      .sgd(SGDCoefficients(learningRate: 0.1, momentum: 0.9, remaining: 0.99, nesterov: nesterov)))
    return (parameters + velocity).map(\.bitPattern)
  }

  @Test(arguments: [false, true]) func aStepFromFloat32SumsIsThatFromTheSameSumsInDouble(_ nesterov: Bool) {
    let gradient = MatrixMultiplyTests.values(64, 9)
    let doubles = gradient.map { Double($0) }
    let plain = unsafe gradient.withUnsafeBufferPointer { sums in
      unsafe sums.baseAddress.map { unsafe step(from: .plainSums($0), nesterov: nesterov) }
    }
    let grid = unsafe doubles.withUnsafeBufferPointer { sums in
      unsafe sums.baseAddress.map { unsafe step(from: .gridSums($0), nesterov: nesterov) }
    }
    #expect(plain != nil && plain == grid)
  }

  @Test(arguments: [false, true]) func aStepFromAnEventIsThatFromItsGradient(_ nesterov: Bool) {
    let (input, delta) = (MatrixMultiplyTests.values(7, 3), MatrixMultiplyTests.values(8, 4))
    let gradient = (input + [1]).flatMap { x in delta.map { Double(x * $0) } }
    let event = unsafe input.withUnsafeBufferPointer { input in
      unsafe delta.withUnsafeBufferPointer { delta -> [UInt32]? in
        guard let input = input.baseAddress, let delta = delta.baseAddress else { return nil }
        return unsafe step(from: .event(input: input, delta: delta), nesterov: nesterov)
      }
    }
    let grid = unsafe gradient.withUnsafeBufferPointer { sums in
      unsafe sums.baseAddress.map { unsafe step(from: .gridSums($0), nesterov: nesterov) }
    }
    #expect(event != nil && event == grid)
  }
}
