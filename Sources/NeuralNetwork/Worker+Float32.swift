internal import Kernels

extension Worker {
  /// Adds the gradient of a block to the sums in plain float32.
  mutating func addPlainGradient() {
    let isFirst = sums.awaitsGradient
    sums.awaitsGradient = false
    // Both have the layout of the parameters.
    let largest =
      if isFirst {
        unsafe kernels.setPlain(gradient.pointer, sums: sums.floats.pointer, count: layout.count)
      } else {
        unsafe kernels.accumulatePlain(gradient.pointer, into: sums.floats.pointer, count: layout.count)
      }
    if largest >= Float.infinity.bitPattern { sums.countNonFinite() }
    clock.lap(.rounding)
  }
}
