import KernelOperands
import Kernels

extension Worker {
  /// Takes the one event of a filled block forward and backward to the gradients w.r.t. the layers' outputs, and counts it.
  ///
  /// `place` is the event's in the epoch's order. Not for a network that is no chain (`ParameterLayout.isChain`).
  mutating func backpropagateEvent(_ network: borrowing Network, place: Int) {
    sums.resetStatistics()
    let outputs = unsafe forward(network, rows: 1, firstPlace: place)
    unsafe finishLoss(outputs, network.specification, rows: 1)
    clock.lap(.forward)
    var isFinite = true
    for index in stride(from: layout.layers.count - 1, through: 0, by: -1) {
      let layer = layout.layers[index]
      let delta = unsafe eventDelta(index)
      let inputs = unsafe activations.pointer + inputOffsets[index]
      // The largest product of an input (or the bias's 1) and a delta is the product of the largest ones.
      let input = unsafe max(kernels.largestMagnitude(inputs, count: layer.inputStride), Float(1).bitPattern)
      let largest =
        unsafe Float(bitPattern: input) * Float(bitPattern: kernels.largestMagnitude(delta, count: layer.stride))
      isFinite = isFinite && largest.isFinite
      if index > 0 {
        unsafe propagate(
          delta, through: index, network, rows: 1, to: eventDeltas.pointer + eventDeltaOffsets[index - 1])
      }
    }
    if !isFinite { sums.countNonFinite() }
    clock.lap(.backward)
  }

  /// The gradient w.r.t. the outputs of a layer after ``backpropagateEvent(_:)``.
  private func eventDelta(_ index: Int) -> UnsafeMutablePointer<Float> {
    unsafe index == layout.layers.count - 1 ? deltas.pointer : eventDeltas.pointer + eventDeltaOffsets[index]
  }

  /// The gradient w.r.t. the parameters of a layer after ``backpropagateEvent(_:)``.
  func gradientOfEvent(_ index: Int) -> GradientSource {
    unsafe .event(input: activations.pointer + inputOffsets[index], delta: eventDelta(index))
  }
}
