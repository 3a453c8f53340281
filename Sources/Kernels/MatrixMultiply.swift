/// C = initial + A · B for row-major float32 matrices, the one product behind forward pass, data gradient and weight
/// gradient.
///
/// - A is (rows, depth): element (r, k) at `a[r * aRowStride + k * aDepthStride]`, so that a transposed A costs nothing.
/// - B is (depth, columns): row k at `b + k * bStride`.
/// - C is (rows, columns): row r at `c + r * cStride`.
/// - `initial` is a row vector (columns) that every row of C starts from, or nil for zero.
/// - `columns` is a multiple of 8. No alignment is asked for. C overlaps neither A nor B.
///
/// Every element of C is one chain of fused multiply-adds over k = 0, 1, …, depth − 1: lanes run across columns, tiles
/// across rows and columns, and neither changes the chain. The bits are the same at every vector width.
public func multiply(
  rows: Int, columns: Int, depth: Int,
  a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int,
  b: UnsafePointer<Float>, bStride: Int,
  initial: UnsafePointer<Float>?,
  c: UnsafeMutablePointer<Float>, cStride: Int
) {
  // A column strip of B (depth × 16 floats) stays in L1 while all rows of A pass over it.
  var column = 0
  while column + 16 <= columns {
    unsafe multiplyStrip(
      SIMD16<Float>.self, rows: rows, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride,
      b: b + column, bStride: bStride, initial: initial.map { unsafe $0 + column }, c: c + column, cStride: cStride)
    column += 16
  }
  if column < columns {
    unsafe multiplyStrip(
      SIMD8<Float>.self, rows: rows, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride,
      b: b + column, bStride: bStride, initial: initial.map { unsafe $0 + column }, c: c + column, cStride: cStride)
  }
}

/// C = column sums of B: c[j] = ((b[0][j] + b[1][j]) + …), rows in order; the gradient of a bias.
///
/// B is (rows, columns) with rows `bStride` apart, `columns` a multiple of 8; C is (columns).
public func sumRows(
  rows: Int, columns: Int, b: UnsafePointer<Float>, bStride: Int, c: UnsafeMutablePointer<Float>
) {
  for column in stride(from: 0, to: columns, by: 8) {
    var sum = SIMD8<Float>.zero
    var row = unsafe UnsafeRawPointer(b + column)
    for _ in 0..<rows {
      unsafe sum += row.loadUnaligned(as: SIMD8<Float>.self)
      unsafe row += bStride * 4
    }
    unsafe UnsafeMutableRawPointer(c + column).storeBytes(of: sum, as: SIMD8<Float>.self)
  }
}

/// One strip of C as wide as a vector: tiles of 6 rows fill the registers of AVX2 (12 accumulators), then 4, 2, 1.
@inline(__always)
private func multiplyStrip<Vector: SIMD>(
  _: Vector.Type, rows: Int, depth: Int,
  a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int,
  b: UnsafePointer<Float>, bStride: Int,
  initial: UnsafePointer<Float>?,
  c: UnsafeMutablePointer<Float>, cStride: Int
) where Vector.Scalar == Float {
  let start =
    if let initial = unsafe initial { unsafe UnsafeRawPointer(initial).loadUnaligned(as: Vector.self) } else {
      Vector(repeating: 0)
    }
  var row = 0
  while row + 6 <= rows {
    unsafe tile6(
      start, depth: depth, a: a + row * aRowStride, aRowStride: aRowStride, aDepthStride: aDepthStride,
      b: b, bStride: bStride, c: c + row * cStride, cStride: cStride)
    row += 6
  }
  if row + 4 <= rows {
    unsafe tile4(
      start, depth: depth, a: a + row * aRowStride, aRowStride: aRowStride, aDepthStride: aDepthStride,
      b: b, bStride: bStride, c: c + row * cStride, cStride: cStride)
    row += 4
  }
  if row + 2 <= rows {
    unsafe tile2(
      start, depth: depth, a: a + row * aRowStride, aRowStride: aRowStride, aDepthStride: aDepthStride,
      b: b, bStride: bStride, c: c + row * cStride, cStride: cStride)
    row += 2
  }
  if row < rows {
    unsafe tile1(
      start, depth: depth, a: a + row * aRowStride, aDepthStride: aDepthStride, b: b, bStride: bStride,
      c: c + row * cStride)
  }
}

// The tiles. Accumulators are named one by one because an array of them is not kept in registers.

@inline(__always)
private func tile6<Vector: SIMD>(
  _ start: Vector, depth: Int, a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int,
  b: UnsafePointer<Float>, bStride: Int, c: UnsafeMutablePointer<Float>, cStride: Int
) where Vector.Scalar == Float {
  var (c0, c1, c2, c3, c4, c5) = (start, start, start, start, start, start)
  var a = unsafe a
  var row = unsafe UnsafeRawPointer(b)
  for _ in 0..<depth {
    let bk = unsafe row.loadUnaligned(as: Vector.self)
    unsafe c0.addProduct(Vector(repeating: a[0]), bk)
    unsafe c1.addProduct(Vector(repeating: a[aRowStride]), bk)
    unsafe c2.addProduct(Vector(repeating: a[2 * aRowStride]), bk)
    unsafe c3.addProduct(Vector(repeating: a[3 * aRowStride]), bk)
    unsafe c4.addProduct(Vector(repeating: a[4 * aRowStride]), bk)
    unsafe c5.addProduct(Vector(repeating: a[5 * aRowStride]), bk)
    unsafe a += aDepthStride
    unsafe row += bStride * 4
  }
  unsafe store(c0, c)
  unsafe store(c1, c + cStride)
  unsafe store(c2, c + 2 * cStride)
  unsafe store(c3, c + 3 * cStride)
  unsafe store(c4, c + 4 * cStride)
  unsafe store(c5, c + 5 * cStride)
}

@inline(__always)
private func tile4<Vector: SIMD>(
  _ start: Vector, depth: Int, a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int,
  b: UnsafePointer<Float>, bStride: Int, c: UnsafeMutablePointer<Float>, cStride: Int
) where Vector.Scalar == Float {
  var (c0, c1, c2, c3) = (start, start, start, start)
  var a = unsafe a
  var row = unsafe UnsafeRawPointer(b)
  for _ in 0..<depth {
    let bk = unsafe row.loadUnaligned(as: Vector.self)
    unsafe c0.addProduct(Vector(repeating: a[0]), bk)
    unsafe c1.addProduct(Vector(repeating: a[aRowStride]), bk)
    unsafe c2.addProduct(Vector(repeating: a[2 * aRowStride]), bk)
    unsafe c3.addProduct(Vector(repeating: a[3 * aRowStride]), bk)
    unsafe a += aDepthStride
    unsafe row += bStride * 4
  }
  unsafe store(c0, c)
  unsafe store(c1, c + cStride)
  unsafe store(c2, c + 2 * cStride)
  unsafe store(c3, c + 3 * cStride)
}

@inline(__always)
private func tile2<Vector: SIMD>(
  _ start: Vector, depth: Int, a: UnsafePointer<Float>, aRowStride: Int, aDepthStride: Int,
  b: UnsafePointer<Float>, bStride: Int, c: UnsafeMutablePointer<Float>, cStride: Int
) where Vector.Scalar == Float {
  var (c0, c1) = (start, start)
  var a = unsafe a
  var row = unsafe UnsafeRawPointer(b)
  for _ in 0..<depth {
    let bk = unsafe row.loadUnaligned(as: Vector.self)
    unsafe c0.addProduct(Vector(repeating: a[0]), bk)
    unsafe c1.addProduct(Vector(repeating: a[aRowStride]), bk)
    unsafe a += aDepthStride
    unsafe row += bStride * 4
  }
  unsafe store(c0, c)
  unsafe store(c1, c + cStride)
}

@inline(__always)
private func tile1<Vector: SIMD>(
  _ start: Vector, depth: Int, a: UnsafePointer<Float>, aDepthStride: Int,
  b: UnsafePointer<Float>, bStride: Int, c: UnsafeMutablePointer<Float>
) where Vector.Scalar == Float {
  var c0 = start
  var a = unsafe a
  var row = unsafe UnsafeRawPointer(b)
  for _ in 0..<depth {
    let bk = unsafe row.loadUnaligned(as: Vector.self)
    unsafe c0.addProduct(Vector(repeating: a[0]), bk)
    unsafe a += aDepthStride
    unsafe row += bStride * 4
  }
  unsafe store(c0, c)
}

@inline(__always)
private func store<Vector: SIMD>(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>)
where Vector.Scalar == Float {
  unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
}
