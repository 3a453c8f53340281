/// The operands of C = initial + A · B for row-major float32 matrices.
///
/// - A is (rows, depth): element (r, k) at `a[r * aRowStride + k * aDepthStride]`, so that a transposed A costs nothing.
/// - B is (depth, columns): row k at `b + k * bStride`.
/// - C is (rows, columns): row r at `c + r * cStride`.
/// - `initial` is a row vector (columns) that every row of C starts from, or nil for zero.
/// - `columns` is a multiple of 8. No alignment is asked for. C overlaps neither A nor B.
@unsafe public struct MatrixProduct {
  /// Rows of A and of C.
  public var rows: Int
  /// Columns of B and of C.
  public var columns: Int
  /// The length of the summed index.
  public var depth: Int
  /// Where A begins.
  public var a: UnsafePointer<Float>
  /// Floats from a row of A to the next.
  public var aRowStride: Int
  /// Floats from a column of A to the next.
  public var aDepthStride: Int
  /// Where B begins.
  public var b: UnsafePointer<Float>
  /// Floats from a row of B to the next.
  public var bStride: Int
  /// What every row of C starts from.
  public var initial: UnsafePointer<Float>?
  /// Where C begins.
  public var c: UnsafeMutablePointer<Float>
  /// Floats from a row of C to the next.
  public var cStride: Int

  /// All by name.
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

/// What becomes of a matrix product before it is stored.
@unsafe public enum ProductFinish {
  /// It stays as it is.
  case none
  /// It goes through the activation relu: max(0, x), NaN stays NaN and −0 stays −0.
  case relu
  /// It is multiplied by relu's derivative, told by relu's output, which is laid out like C: kept where that is
  /// positive, +0 elsewhere.
  case reluDerivative(output: UnsafePointer<Float>)
}
