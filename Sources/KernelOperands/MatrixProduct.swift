/// The operands of C = initial + A · B for row-major float32 matrices.
///
/// - A is (rows, depth): element (r, k) at `a[r * aRowStride + k * aDepthStride]`, so that a transposed A costs nothing.
/// - B is (depth, columns): row k at `b + k * bStride`.
/// - C is (rows, columns): row r at `c + r * cStride`.
/// - `initial` is a row vector (columns) that every row of C starts from, or nil for zero.
/// - `columns` is a multiple of 8. Nothing has to be aligned. C overlaps neither A nor B.
@unsafe public struct MatrixProduct {
  public var rows: Int
  public var columns: Int
  public var depth: Int
  public var a: UnsafePointer<Float>
  public var aRowStride: Int
  public var aDepthStride: Int
  public var b: UnsafePointer<Float>
  public var bStride: Int
  public var initial: UnsafePointer<Float>?
  public var c: UnsafeMutablePointer<Float>
  public var cStride: Int

  @inlinable @inline(__always) public init(
    rows: Int, columns: Int, depth: Int,
    a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int,
    b: UnsafePointer<Float>, bStride: Int,
    initial: UnsafePointer<Float>?,
    c: UnsafeMutablePointer<Float>, cStride: Int
  ) {
    unsafe self.rows = rows
    unsafe self.columns = columns
    unsafe self.depth = depth
    unsafe self.a = a
    unsafe self.aRowStride = aRowStride
    unsafe self.aDepthStride = aDepthStride
    unsafe self.b = b
    unsafe self.bStride = bStride
    unsafe self.initial = initial
    unsafe self.c = c
    unsafe self.cStride = cStride
  }
}

/// What is applied to a matrix product before it is stored.
@unsafe public enum ProductFinish {
  /// It stays as it is.
  case none
  /// It goes through the activation relu: max(0, x), NaN stays NaN and −0 stays −0.
  case relu
  /// It is multiplied by relu's derivative, which follows from relu's output, laid out like C: kept where that is
  /// positive, +0 elsewhere.
  case reluDerivative(output: UnsafePointer<Float>)
  /// The same where dropout follows relu: what is kept is multiplied by `scale`, which the dropout multiplied the output by.
  case droppedReluDerivative(output: UnsafePointer<Float>, scale: Float)
}
