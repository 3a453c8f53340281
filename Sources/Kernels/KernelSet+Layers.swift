public import BaselineKernels
public import KernelOperands
public import WideKernels

// What hidden layers do besides their products; see KernelSet+Calls.swift.

extension KernelSet {
  /// values[i] ← f(values[i]), slopes[i] ← f′ there; `count` is a multiple of 8.
  @inlinable public func activateWithSlopes(
    _ kind: Activation, _ values: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>, count: Int
  ) {
    unsafe isWide
      ? WideKernels.activateWithSlopes(kind, values, slopes: slopes, count: count)
      : BaselineKernels.activateWithSlopes(kind, values, slopes: slopes, count: count)
  }

  /// target[i] ← target[i] + other[i]; `count` is a multiple of 8.
  @inlinable public func addElements(
    _ other: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    unsafe isWide
      ? WideKernels.addElements(other, to: target, count: count)
      : BaselineKernels.addElements(other, to: target, count: count)
  }

  /// target[i] ← gradient[i] · slopes[i]; `count` is a multiple of 8, `target` may be `gradient`.
  @inlinable public func multiplyElements(
    _ gradient: UnsafePointer<Float>, by slopes: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    unsafe isWide
      ? WideKernels.multiplyElements(gradient, by: slopes, into: target, count: count)
      : BaselineKernels.multiplyElements(gradient, by: slopes, into: target, count: count)
  }

  /// Multiplies what the mask keeps by its scale, and makes the rest 0: values, and slopes if there are any, (rows, stride).
  @inlinable public func dropOut(
    _ mask: DropoutMask, rows: Int, stride: Int, values: UnsafeMutablePointer<Float>,
    slopes: UnsafeMutablePointer<Float>?
  ) {
    unsafe isWide
      ? WideKernels.dropOut(mask, rows: rows, stride: stride, values: values, slopes: slopes)
      : BaselineKernels.dropOut(mask, rows: rows, stride: stride, values: values, slopes: slopes)
  }

  /// z ← γ · x̂ + β, with x̂ of mean 0 and variance 1 over the units of each row.
  @inlinable public func normalize(
    _ layer: LayerNormalization, shifts: UnsafePointer<Float>, values: UnsafeMutablePointer<Float>
  ) {
    unsafe isWide
      ? WideKernels.normalize(layer, shifts: shifts, values: values)
      : BaselineKernels.normalize(layer, shifts: shifts, values: values)
  }

  /// From the gradient w.r.t. the results of ``normalize(_:shifts:values:)`` to that w.r.t. what it was given, in place.
  @inlinable public func backpropagate(_ layer: LayerNormalization, gradient: UnsafeMutablePointer<Float>) {
    unsafe isWide
      ? WideKernels.backpropagate(layer, gradient: gradient)
      : BaselineKernels.backpropagate(layer, gradient: gradient)
  }

  /// The gradients w.r.t. γ and β from that w.r.t. the results of ``normalize(_:shifts:values:)``.
  @inlinable public func sumScaleGradients(
    _ layer: LayerNormalization, gradient: UnsafePointer<Float>, scales: UnsafeMutablePointer<Float>,
    shifts: UnsafeMutablePointer<Float>
  ) {
    unsafe isWide
      ? WideKernels.sumScaleGradients(layer, gradient: gradient, scales: scales, shifts: shifts)
      : BaselineKernels.sumScaleGradients(layer, gradient: gradient, scales: scales, shifts: shifts)
  }
}
