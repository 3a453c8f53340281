import KernelOperands

/// A tile of C: `height` rows (1 … 8) by one vector of columns, in registers from the first product to the last.
///
/// Accumulators are named one by one because an array of them is not kept in registers; those beyond `height` are optimised
/// away, as it is known at compile time.
enum Tile<let height: Int, Vector: TileVector, Finish: TileFinish> {
  /// Computes the tile at `offset` of the product's C, whose rows of A begin at `a` and whose columns of B at `b`.
  ///
  /// Every row starts from `start` or, where `continues`, from what stands in C.
  @inline(__always) static func compute(
    _ product: MatrixProduct, a: UnsafePointer<Float>, b: UnsafePointer<Float>, offset: Int, start: Vector,
    continues: Bool, finish: Finish
  ) {
    // The caller owns the tile's rows of A, B and C.
    let c = unsafe product.c + offset
    let cStride = unsafe product.cStride
    var (c0, c1, c2, c3, c4, c5) = (start, start, start, start, start, start)
    var (c6, c7) = (start, start)
    if continues {
      unsafe c0 = Vector(at: c)
      if height > 1 { unsafe c1 = Vector(at: c + cStride) }
      if height > 2 { unsafe c2 = Vector(at: c + 2 * cStride) }
      if height > 3 { unsafe c3 = Vector(at: c + 3 * cStride) }
      if height > 4 { unsafe c4 = Vector(at: c + 4 * cStride) }
      if height > 5 { unsafe c5 = Vector(at: c + 5 * cStride) }
      if height > 6 { unsafe c6 = Vector(at: c + 6 * cStride) }
      if height > 7 { unsafe c7 = Vector(at: c + 7 * cStride) }
    }
    // A pointer for three rows each: those are the multiples of a stride that an address can hold.
    let stride = unsafe product.aRowStride
    var a0 = unsafe a
    var a3 = unsafe a + 3 * stride
    var a6 = unsafe a + 6 * stride
    let aStep = unsafe product.aDepthStride
    let bStep = unsafe product.bStride
    var row = unsafe b
    for _ in unsafe 0..<product.depth {
      let bk: Vector = unsafe Vector(at: row)
      unsafe c0.addProduct(Vector(repeating: a0[0]), bk)
      if height > 1 { unsafe c1.addProduct(Vector(repeating: a0[stride]), bk) }
      if height > 2 { unsafe c2.addProduct(Vector(repeating: a0[2 &* stride]), bk) }
      if height > 3 { unsafe c3.addProduct(Vector(repeating: a3[0]), bk) }
      if height > 4 { unsafe c4.addProduct(Vector(repeating: a3[stride]), bk) }
      if height > 5 { unsafe c5.addProduct(Vector(repeating: a3[2 &* stride]), bk) }
      if height > 6 { unsafe c6.addProduct(Vector(repeating: a6[0]), bk) }
      if height > 7 { unsafe c7.addProduct(Vector(repeating: a6[stride]), bk) }
      unsafe a0 += aStep
      if height > 3 { unsafe a3 += aStep }
      if height > 6 { unsafe a6 += aStep }
      unsafe row += bStep
    }
    unsafe finish(c0, at: offset).store(at: c)
    if height > 1 { unsafe finish(c1, at: offset + cStride).store(at: c + cStride) }
    if height > 2 { unsafe finish(c2, at: offset + 2 * cStride).store(at: c + 2 * cStride) }
    if height > 3 { unsafe finish(c3, at: offset + 3 * cStride).store(at: c + 3 * cStride) }
    if height > 4 { unsafe finish(c4, at: offset + 4 * cStride).store(at: c + 4 * cStride) }
    if height > 5 { unsafe finish(c5, at: offset + 5 * cStride).store(at: c + 5 * cStride) }
    if height > 6 { unsafe finish(c6, at: offset + 6 * cStride).store(at: c + 6 * cStride) }
    if height > 7 { unsafe finish(c7, at: offset + 7 * cStride).store(at: c + 7 * cStride) }
  }
}
