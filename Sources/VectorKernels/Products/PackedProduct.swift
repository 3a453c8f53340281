import KernelOperands

/// How wide products are cut so that what the tiles read lies close together and in a near cache (after Goto and van de
/// Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34, 2008).
enum PackedBlocks {
  /// Columns of a strip of B.
  @inline(__always) static var strip: Int { VectorRegisters.areWide ? 32 : 16 }
  /// Rows of B in a block: a strip takes 16 KiB, or 32 of the 48 KiB of L1 that CPUs with AVX-512 usually have.
  static let depth = 256
  /// Rows of A in a block: 96 KiB, beside which a part of B has room in L2.
  static let rows = 96

  /// Whether a product is worth packing: B does not fit into L1, and enough rows share a packed B.
  static func pays(rows: Int, columns: Int, depth: Int) -> Bool { rows >= 24 && columns * depth > 8192 }
}

/// How many floats of scratch `multiply` wants for a product of this shape; 0 for one that is not packed.
public func scratchOfProduct(rows: Int, columns: Int, depth: Int) -> Int {
  guard PackedBlocks.pays(rows: rows, columns: columns, depth: depth) else { return 0 }
  return min(PackedBlocks.depth, depth) * (columns + min(PackedBlocks.rows, rows))
}

extension MatrixProduct {
  /// The product by blocks, each packed into `scratch`. Blocks of the summed index follow one another and go on from what
  /// stands in C, so every element is the same chain of multiply-adds as without packing.
  func computePacked<Finish: TileFinish>(_ finish: Finish, _ scratch: UnsafeMutablePointer<Float>) {
    for first in unsafe stride(from: 0, to: depth, by: PackedBlocks.depth) {
      let part = unsafe first..<min(first + PackedBlocks.depth, depth)
      let packedB = unsafe scratch
      let packedA = unsafe scratch + part.count * columns
      unsafe packB(part, into: packedB)
      for top in unsafe stride(from: 0, to: rows, by: PackedBlocks.rows) {
        let block = unsafe top..<min(top + PackedBlocks.rows, rows)
        if unsafe packsA { unsafe packA(block, part, into: packedA) }
        if unsafe part.upperBound == depth {
          unsafe multiplyBlock(block, part, packedA, packedB, finish)
        } else {
          unsafe multiplyBlock(block, part, packedA, packedB, Unchanged())
        }
      }
    }
  }

  /// Rows `part` of B, strip after strip: `strip` columns of all rows, the rest in strips of 16 and 8.
  private func packB(_ part: Range<Int>, into packed: UnsafeMutablePointer<Float>) {
    for k in part {
      // The caller owns B's rows and the scratch.
      let row = unsafe b + k * bStride
      var to = unsafe packed + (k - part.lowerBound) * PackedBlocks.strip
      var column = 0
      while unsafe column + PackedBlocks.strip <= columns {
        for place in stride(from: 0, to: PackedBlocks.strip, by: 8) {
          unsafe store(load(row + (column + place)), to + place)
        }
        unsafe to += part.count * PackedBlocks.strip
        column += PackedBlocks.strip
      }
      while unsafe column < columns {
        let width = unsafe min(16, columns - column)
        unsafe to = packed + (column * part.count + (k - part.lowerBound) * width)
        for place in stride(from: 0, to: width, by: 8) { unsafe store(load(row + (column + place)), to + place) }
        column += width
      }
    }
  }

  /// A whose rows are contiguous is read as it is; a transposed one is packed.
  @inline(__always) private var packsA: Bool { unsafe aDepthStride != 1 }

  /// Rows of the tallest tile of every strip.
  @inline(__always) private var tileRows: Int { SIMD16<Float>.tileRows }

  /// Rows `block` of A's columns `part`, tile after tile, each (depth, height).
  private func packA(_ block: Range<Int>, _ part: Range<Int>, into packed: UnsafeMutablePointer<Float>) {
    unsafe forEachTile(of: block, tallest: tileRows) { row, height in
      // The caller owns A's rows and the scratch.
      var from = unsafe a + row * aRowStride + part.lowerBound * aDepthStride
      var to = unsafe packed + (row - block.lowerBound) * part.count
      let isContiguous = unsafe aRowStride == 1
      for _ in part {
        var index = 0
        if isContiguous {
          while index + 4 <= height {
            // Plain bytes.
            let four = unsafe UnsafeRawPointer(from + index).loadUnaligned(as: SIMD4<Float>.self)
            unsafe UnsafeMutableRawPointer(to + index).storeBytes(of: four, as: SIMD4<Float>.self)
            index += 4
          }
        }
        while index < height {
          unsafe to[index] = from[index &* aRowStride]
          index += 1
        }
        unsafe from += aDepthStride
        unsafe to += height
      }
    }
  }

  @inline(__always)
  private func multiplyBlock<Finish: TileFinish>(
    _ block: Range<Int>, _ part: Range<Int>, _ packedA: UnsafePointer<Float>, _ packedB: UnsafePointer<Float>,
    _ finish: Finish
  ) {
    var column = 0
    if VectorRegisters.areWide {
      while unsafe column + 32 <= columns {
        unsafe multiplyStrip(WideLanes.self, 32, column, block, part, packedA, packedB, finish)
        column += 32
      }
    }
    while unsafe column + 16 <= columns {
      unsafe multiplyStrip(SIMD16<Float>.self, 16, column, block, part, packedA, packedB, finish)
      column += 16
    }
    if unsafe column < columns {
      unsafe multiplyStrip(SIMD8<Float>.self, 8, column, block, part, packedA, packedB, finish)
    }
  }

  @inline(__always)
  private func multiplyStrip<Vector: TileVector, Finish: TileFinish>(
    _: Vector.Type, _ width: Int, _ column: Int, _ block: Range<Int>, _ part: Range<Int>,
    _ packedA: UnsafePointer<Float>, _ packedB: UnsafePointer<Float>, _ finish: Finish
  ) {
    let start: Vector = unsafe startingValues(column)
    var packed = unsafe self
    unsafe packed.depth = part.count
    unsafe packed.bStride = width
    let strip = unsafe packedB + column * part.count
    unsafe forEachTile(of: block, tallest: tileRows) { row, height in
      var from = unsafe a + (row * aRowStride + part.lowerBound)
      if unsafe packsA {
        unsafe packed.aRowStride = 1
        unsafe packed.aDepthStride = height
        unsafe from = unsafe UnsafePointer(packedA) + (row - block.lowerBound) * part.count
      }
      unsafe packed.tile(
        height, start, a: from, b: strip, offset: row * cStride + column, continues: part.lowerBound > 0, finish)
    }
  }
}
