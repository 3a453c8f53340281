/// Where the gradient of a step w.r.t. the parameters of a dense layer is stored.
///
/// Small enough to be passed in registers: from memory, the step of a single event takes 3 to 9 % longer.
@unsafe public enum GradientSource {
  /// Sums in double, in units of a grid, in the shape of the parameters.
  case gridSums(UnsafePointer<Double>)
  /// Sums in float32, in natural units, in the shape of the parameters.
  case plainSums(UnsafePointer<Float>)
  /// The gradient of a single event, which is never stored: weight (i, o) has input[i] · delta[o], bias o has delta[o].
  ///
  /// `input` is the input of the layer for this event; `delta` is the gradient of the loss w.r.t. the layer's outputs, with
  /// zeros as padding.
  case event(input: UnsafePointer<Float>, delta: UnsafePointer<Float>)
}
