internal import Kernels

extension Worker {
  /// Adds the gradient of a block to the sums in plain float32.
  mutating func addPlainGradient() {
    // Both have the layout of the parameters.
    let largest = unsafe accumulatePlain(gradient.pointer, into: sums.floats.pointer, count: layout.count)
    if largest >= Float.infinity.bitPattern { sums.countNonFinite() }
    clock.lap(.rounding)
  }
}
