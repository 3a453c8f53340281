public import KernelOperands

/// C = finish(initial + A · B), the one product behind forward pass, data gradient and weight gradient.
///
/// Every element of C is one chain of fused multiply-adds over k = 0, 1, …, depth − 1: lanes run across columns, tiles
/// across rows and columns, and neither changes the chain. The bits are the same at every vector width.
///
/// `scratch` has `scratchOfProduct` floats for this shape; nil computes even wide products without packing, slowly.
public func multiply(
  _ product: MatrixProduct, finish: ProductFinish, scratch: UnsafeMutablePointer<Float>? = nil
) {
  switch unsafe finish {
  case .none: unsafe product.compute(Unchanged(), scratch)
  case .relu: unsafe product.compute(Rectified(), scratch)
  case .reluDerivative(let output): unsafe product.compute(ThroughRectifier(output: output), scratch)
  case .droppedReluDerivative(let output, let scale):
    unsafe product.compute(ThroughDroppedRectifier(output: output, scale: scale), scratch)
  }
}

extension MatrixProduct {
  /// The product by the way that suits its shape.
  @inline(__always) func compute<Finish: TileFinish>(_ finish: Finish, _ scratch: UnsafeMutablePointer<Float>?) {
    if let scratch = unsafe scratch, unsafe PackedBlocks.pays(rows: rows, columns: columns, depth: depth) {
      unsafe computePacked(finish, scratch)
    } else {
      unsafe computeInPlace(finish)
    }
  }

  @inline(__always) private func computeInPlace<Finish: TileFinish>(_ finish: Finish) {
    var column = 0
    if unsafe VectorRegisters.areWide || rows <= WideLanes.tileRows {
      // Under AVX2 for few rows alone: only wide tiles then have enough chains to hide the latency of a multiply-add. Under
      // AVX-512 always: an element of A is loaded once for two products, where loads would limit narrower tiles.
      while unsafe column + 32 <= columns {
        unsafe strip(WideLanes.self, column, finish)
        column += 32
      }
    }
    // A strip of B (depth × 16 floats) stays in L1 while all rows of A pass over it.
    while unsafe column + 16 <= columns {
      unsafe strip(SIMD16<Float>.self, column, finish)
      column += 16
    }
    if unsafe column < columns { unsafe strip(SIMD8<Float>.self, column, finish) }
  }

  /// A strip of C as wide as a vector, cut into tiles whose heights differ by one at most: a tile of one or two rows
  /// would wait for its own results.
  @inline(__always)
  private func strip<Vector: TileVector, Finish: TileFinish>(_: Vector.Type, _ column: Int, _ finish: Finish) {
    let start: Vector = unsafe startingValues(column)
    unsafe forEachTile(of: 0..<rows, tallest: Vector.tileRows) { row, height in
      unsafe tile(
        height, start, a: a + row * aRowStride, b: b + column, offset: row * cStride + column, continues: false, finish)
    }
  }

  /// What the rows of C start from in the columns from `column` on.
  @inline(__always) func startingValues<Vector: TileVector>(_ column: Int) -> Vector {
    if let initial = unsafe initial { unsafe Vector(at: initial + column) } else { Vector(repeating: 0) }
  }

  /// The tile of `height` rows at `offset` of C.
  @inline(__always)
  func tile<Vector: TileVector, Finish: TileFinish>(
    _ height: Int, _ start: Vector, a: UnsafePointer<Float>, b: UnsafePointer<Float>, offset: Int, continues: Bool,
    _ finish: Finish
  ) {
    switch height {
    case 1:
      unsafe Tile<1, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    case 2:
      unsafe Tile<2, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    case 3:
      unsafe Tile<3, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    case 4 where Vector.tileRows > 3:
      unsafe Tile<4, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    case 5 where Vector.tileRows > 3:
      unsafe Tile<5, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    case 6 where Vector.tileRows > 3:
      unsafe Tile<6, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    case 7 where Vector.tileRows > 6:
      unsafe Tile<7, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    case 8 where Vector.tileRows > 6:
      unsafe Tile<8, Vector, Finish>.compute(
        self, a: a, b: b, offset: offset, start: start, continues: continues, finish: finish)
    default: preconditionFailure("a tile of this height")
    }
  }
}

/// Cuts rows into tiles whose heights differ by one at most and do not exceed `tallest`.
@inline(__always)
func forEachTile(of rows: Range<Int>, tallest: Int, _ body: (_ row: Int, _ height: Int) -> Void) {
  var left = (rows.count + tallest - 1) / tallest
  var row = rows.lowerBound
  while left > 0 {
    let height = (rows.upperBound - row + left - 1) / left
    body(row, height)
    row += height
    left -= 1
  }
}
