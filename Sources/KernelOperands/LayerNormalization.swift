/// The operands of a layer normalisation of a block's events, forward and backward.
///
/// Matrices are (rows, stride), row-major, with zeros in the padding columns from `units` on; `stride` is a multiple of 8. No two overlap.
@unsafe public struct LayerNormalization {
  public var rows: Int
  public var units: Int
  public var stride: Int
  /// γ, (stride), zero in the padding.
  public var scales: UnsafePointer<Float>
  /// x̂ = (z − mean) / √(variance + ε), (rows, stride), which the backward pass needs.
  public var normalized: UnsafeMutablePointer<Float>
  /// 1 / √(variance + ε), (rows).
  public var inverseDeviations: UnsafeMutablePointer<Float>

  @inlinable @inline(__always) public init(
    rows: Int, units: Int, stride: Int, scales: UnsafePointer<Float>, normalized: UnsafeMutablePointer<Float>,
    inverseDeviations: UnsafeMutablePointer<Float>
  ) {
    unsafe self.rows = rows
    unsafe self.units = units
    unsafe self.stride = stride
    unsafe self.scales = scales
    unsafe self.normalized = normalized
    unsafe self.inverseDeviations = inverseDeviations
  }

  /// ε, which is added to the variance: the default of Keras' LayerNormalization.
  @inlinable @inline(__always) public static var epsilon: Float { 1e-3 }
}
