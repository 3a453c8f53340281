import KernelOperands
import Kernels

// What hidden layers do besides products and plain activations. Of a network without such layers, `extras` is empty and nothing of
// this is called.

extension Worker {
  /// Whether there is a backward pass, which needs what the forward pass leaves behind.
  private var isTraining: Bool { gradient.count > 0 }

  /// Leaves out some of the block's features.
  func dropInputs(rows: Int, firstPlace: Int) {
    let dropout = Dropout(layout.inputDropout)
    guard !dropout.isOff else { return }
    // The block's features come first.
    unsafe kernels.dropOut(
      dropout.mask(dropoutStreams[0], firstPlace: firstPlace), rows: rows, stride: layout.layers[0].inputStride,
      values: activations.pointer, slopes: nil)
  }

  /// From the weighted sums of hidden layer `index`, which relu has been applied to if nothing comes before, to its outputs, in place.
  ///
  /// `firstPlace` is the place of the block's first event in the epoch's order; nil: nothing is left out.
  func finishForward(
    _ index: Int, _ network: borrowing Network, rows: Int, firstPlace: Int?, outputs: UnsafeMutablePointer<Float>
  ) {
    let (layer, extras) = (layout.layers[index], extras[index])
    let count = rows * layer.stride
    // All buffers have room for the rows of a block.
    if extras.hasNorm {
      unsafe kernels.normalize(
        normalization(index, network, rows: rows), shifts: network.parameters.pointer + layer.shifts, values: outputs)
    }
    let keepsSlopes = isTraining && extras.derivative == .slopes
    let slopes = unsafe extraScratch.pointer + extras.slopes
    if keepsSlopes {
      unsafe kernels.activateWithSlopes(extras.activation, outputs, slopes: slopes, count: count)
    } else if extras.hasNorm || extras.activation != .relu {
      unsafe kernels.activate(extras.activation, outputs, count: count)
    }
    if let firstPlace, !extras.dropout.isOff {
      unsafe kernels.dropOut(
        extras.dropout.mask(dropoutStreams[index + 1], firstPlace: firstPlace), rows: rows, stride: layer.stride,
        values: outputs, slopes: keepsSlopes ? slopes : nil)
    }
    if extras.skip {
      unsafe kernels.addElements(activations.pointer + inputOffsets[index], to: outputs, count: count)
    }
  }

  /// From the gradient w.r.t. the outputs of hidden layer `index`, or what ``propagateThroughExtras(_:_:_:rows:skipped:to:)``
  /// has made of it, to that w.r.t. its weighted sums. With a skip connection the former stays as it is; else the latter takes
  /// its place.
  func finishBackward(
    _ index: Int, _ network: borrowing Network, rows: Int, delta: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    let (layer, extras) = (layout.layers[index], extras[index])
    var sums = unsafe delta
    if extras.skip {
      unsafe sums = skipDeltas.pointer
      unsafe kernels.multiplyElements(
        delta, by: extraScratch.pointer + extras.slopes, into: sums, count: rows * layer.stride)
    }
    if extras.hasNorm {
      let normalization = unsafe normalization(index, network, rows: rows)
      unsafe kernels.sumScaleGradients(
        normalization, gradient: sums, scales: gradient.pointer + layer.scales, shifts: gradient.pointer + layer.shifts)
      unsafe kernels.backpropagate(normalization, gradient: sums)
    }
    return unsafe sums
  }

  /// From the gradient w.r.t. the weighted sums of layer `index` to that w.r.t. the outputs of the layer before, and on through
  /// its activation and dropout, unless it has a skip connection.
  ///
  /// `skipped` is the gradient w.r.t. the outputs of layer `index`, if that has a skip connection.
  func propagateThroughExtras(
    _ delta: UnsafeMutablePointer<Float>, _ index: Int, _ network: borrowing Network, rows: Int,
    skipped: UnsafeMutablePointer<Float>?, to previous: UnsafeMutablePointer<Float>
  ) {
    let (layer, before) = (layout.layers[index], extras[index - 1])
    let outputs = unsafe activations.pointer + inputOffsets[index]
    let count = rows * layer.inputStride
    let finish: ProductFinish =
      switch before.derivative {
      case .rectifier: unsafe .reluDerivative(output: outputs)
      case .droppedRectifier: unsafe .droppedReluDerivative(output: outputs, scale: before.dropout.scale)
      case .byOutput, .slopes: unsafe .none
      }
    unsafe multiplyByWeights(delta, of: layer, network, rows: rows, finish: finish, to: previous)
    if let skipped = unsafe skipped { unsafe kernels.addElements(skipped, to: previous, count: count) }
    switch before.derivative {
    case .byOutput:
      unsafe kernels.multiplyByDerivative(before.activation, gradient: previous, output: outputs, count: count)
    case .slopes where !before.skip:
      unsafe kernels.multiplyElements(
        previous, by: extraScratch.pointer + before.slopes, into: previous, count: count)
    case .rectifier, .droppedRectifier, .slopes: break
    }
  }

  /// What the kernels need to normalise hidden layer `index`.
  private func normalization(_ index: Int, _ network: borrowing Network, rows: Int) -> LayerNormalization {
    let (layer, extras) = (layout.layers[index], extras[index])
    return unsafe LayerNormalization(
      rows: rows, units: layer.outputs, stride: layer.stride, scales: network.parameters.pointer + layer.scales,
      normalized: extraScratch.pointer + extras.normalized,
      inverseDeviations: extraScratch.pointer + extras.inverseDeviations)
  }
}
