import KernelOperands
import Kernels

// The kernels on arrays, whose lengths are what the pointers have behind them.

func exponentials(_ values: [Float]) -> [Float] {
  unsafe transformed(values) { unsafe kernels.exponential($0, count: $1) }
}

func naturalLogarithms(_ values: [Float]) -> [Float] {
  unsafe transformed(values) { unsafe kernels.naturalLogarithm($0, count: $1) }
}

func activated(_ kind: Activation, _ values: [Float]) -> [Float] {
  unsafe transformed(values) { unsafe kernels.activate(kind, $0, count: $1) }
}

/// The values and the slopes after `activateWithSlopes`.
func activatedWithSlopes(_ kind: Activation, _ values: [Float]) -> (values: [Float], slopes: [Float]) {
  var slopes = [Float](repeating: -7, count: values.count)
  let results = unsafe transformed(values) {
    unsafe kernels.activateWithSlopes(kind, $0, slopes: &slopes, count: $1)
  }
  return (results, slopes)
}

/// The gradient after `multiplyByDerivative`.
func multiplied(_ kind: Activation, _ gradient: [Float], _ output: [Float]) -> [Float] {
  unsafe transformed(gradient) { pointer, count in
    unsafe output.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress, buffer.count == count else { return }
      unsafe kernels.multiplyByDerivative(kind, gradient: pointer, output: base, count: count)
    }
  }
}

/// The values after a kernel has worked on them in place; their number is a multiple of 8.
private func transformed(_ values: [Float], _ kernel: (UnsafeMutablePointer<Float>, Int) -> Void) -> [Float] {
  var result = values
  unsafe result.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress, buffer.count & 7 == 0 else { return }
    unsafe kernel(base, buffer.count)
  }
  return result
}
