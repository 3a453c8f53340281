/// Four neighbouring columns (classes) of eight rows (events) of a row-major matrix, turned so that each column is
/// one vector with an event per lane.
struct ClassQuad {
  let first: Lanes
  let second: Lanes
  let third: Lanes
  let fourth: Lanes

  static var zero: ClassQuad {
    ClassQuad(first: Lanes(), second: Lanes(), third: Lanes(), fourth: Lanes())
  }

  /// Reads the quad whose top left element is at `pointer`, from rows that are `stride` floats apart.
  @inline(__always) init(at pointer: UnsafePointer<Float>, stride: Int) {
    // The caller owns eight rows of at least four floats there.
    let rows = ClassQuad(
      first: unsafe Self.rows(pointer, pointer + 4 * stride),
      second: unsafe Self.rows(pointer + stride, pointer + 5 * stride),
      third: unsafe Self.rows(pointer + 2 * stride, pointer + 6 * stride),
      fourth: unsafe Self.rows(pointer + 3 * stride, pointer + 7 * stride))
    self = rows.transposed
  }

  @inline(__always) init(first: Lanes, second: Lanes, third: Lanes, fourth: Lanes) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  /// Writes the quad so that its top left element is at `pointer`.
  @inline(__always) func store(at pointer: UnsafeMutablePointer<Float>, stride: Int) {
    let rows = transposed
    // The caller owns eight rows of at least four floats there.
    unsafe Self.store(rows.first, pointer, pointer + 4 * stride)
    unsafe Self.store(rows.second, pointer + stride, pointer + 5 * stride)
    unsafe Self.store(rows.third, pointer + 2 * stride, pointer + 6 * stride)
    unsafe Self.store(rows.fourth, pointer + 3 * stride, pointer + 7 * stride)
  }

  /// Calls `body` with each of the first `count` columns and its number in the quad, in order.
  @inline(__always) func forEach(_ count: Int, _ body: (Lanes, Int32) -> Void) {
    body(first, 0)
    if count > 1 { body(second, 1) }
    if count > 2 { body(third, 2) }
    if count > 3 { body(fourth, 3) }
  }

  /// The first `count` columns put through `body` in order, zeros in the others.
  @inline(__always) func map(_ count: Int, _ body: (Lanes, Int32) -> Lanes) -> ClassQuad {
    ClassQuad(
      first: body(first, 0), second: count > 1 ? body(second, 1) : Lanes(),
      third: count > 2 ? body(third, 2) : Lanes(), fourth: count > 3 ? body(fourth, 3) : Lanes())
  }

  /// Both 4 × 4 halves transposed: rows 0 to 3 stand in the low half of the vectors, rows 4 to 7 in the high half.
  @inline(__always) private var transposed: ClassQuad {
    let low = Self.interleave(first, second)
    let high = Self.interleave(third, fourth)
    let (column0, column1) = Self.interleavePairs(low.0, high.0)
    let (column2, column3) = Self.interleavePairs(low.1, high.1)
    return ClassQuad(first: column0, second: column1, third: column2, fourth: column3)
  }

  /// The lower and the upper two lanes of each half of `a` and `b`, alternating.
  @inline(__always) private static func interleave(_ a: Lanes, _ b: Lanes) -> (Lanes, Lanes) {
    (
      Lanes(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5]),
      Lanes(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7])
    )
  }

  /// The lower and the upper pair of lanes of each half of `a` and `b`, alternating.
  ///
  /// Pairs are moved as doubles: written with floats, the compiler merges both steps into single inserts.
  @inline(__always) private static func interleavePairs(_ a: Lanes, _ b: Lanes) -> (Lanes, Lanes) {
    // Same size, every bit pattern valid in both types; moves do not touch the bits, of NaNs neither.
    let pairsOfA = unsafe unsafeBitCast(a, to: SIMD4<Double>.self)
    let pairsOfB = unsafe unsafeBitCast(b, to: SIMD4<Double>.self)
    let low = SIMD4(pairsOfA[0], pairsOfB[0], pairsOfA[2], pairsOfB[2])
    let high = SIMD4(pairsOfA[1], pairsOfB[1], pairsOfA[3], pairsOfB[3])
    return unsafe (unsafeBitCast(low, to: Lanes.self), unsafeBitCast(high, to: Lanes.self))
  }

  @inline(__always) private static func rows(_ low: UnsafePointer<Float>, _ high: UnsafePointer<Float>) -> Lanes {
    // Any bits are floats.
    unsafe Lanes(
      lowHalf: UnsafeRawPointer(low).loadUnaligned(as: SIMD4<Float>.self),
      highHalf: UnsafeRawPointer(high).loadUnaligned(as: SIMD4<Float>.self))
  }

  @inline(__always) private static func store(
    _ rows: Lanes, _ low: UnsafeMutablePointer<Float>, _ high: UnsafeMutablePointer<Float>
  ) {
    unsafe UnsafeMutableRawPointer(low).storeBytes(of: rows.lowHalf, as: SIMD4<Float>.self)
    unsafe UnsafeMutableRawPointer(high).storeBytes(of: rows.highHalf, as: SIMD4<Float>.self)
  }
}
