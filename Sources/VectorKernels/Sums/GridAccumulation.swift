/// Rounds `count` gradient values once onto the grid of multiples of 1 / `scale` and adds them to `sums`, in grid units.
///
/// `sums[i] += rint(gradient[i] · scale)`, ties to even. `scale` is a power of two, `count` a multiple of 8; the arrays
/// do not overlap. As long as |gradient[i] · scale| ≤ 2⁵¹ and every partial sum stays within 2⁵³, all of this is integer
/// arithmetic in doubles: exact, and so independent of the order in which blocks, threads and ranks are added.
///
/// The rounding adds and subtracts 1.5 · 2⁵²: AVX2 has no packed conversion from double to 64-bit integers.
///
/// - Returns: the largest |gradient[i]| as float32 bits, which compare like the magnitudes they stand for. Infinity or NaN
///   anywhere makes it ≥ 0x7F80_0000. A value too large for the grid is added all the same: the caller looks at the
///   returned magnitude and throws the whole sum away.
public func accumulateOnGrid(
  _ gradient: UnsafePointer<Float>, scale: Double, into sums: UnsafeMutablePointer<Double>, count: Int
) -> UInt32 {
  let magic = SIMD8<Double>(repeating: 0x1.8p52)
  let scales = SIMD8<Double>(repeating: scale)
  var largest = SIMD8<UInt32>.zero
  for index in stride(from: 0, to: count, by: 8) {
    let values = unsafe UnsafeRawPointer(gradient + index).loadUnaligned(as: SIMD8<Float>.self)
    let sum = unsafe UnsafeMutableRawPointer(sums + index)
    let rounded = magic.addingProduct(widened(values), scales) - magic
    unsafe sum.storeBytes(of: sum.loadUnaligned(as: SIMD8<Double>.self) + rounded, as: SIMD8<Double>.self)
    largest = larger(largest, magnitudeBits(values))
  }
  return largestLane(largest)
}

/// Adds `count` gradient values as they are: `sums[i] += gradient[i]`.
///
/// For a step of a single block, whose sum has one term and needs no grid. `sums` starts at +0, so that −0 becomes +0 here
/// as it would in a sum with other ranks' zeros. `count` is a multiple of 8.
///
/// - Returns: as ``accumulateOnGrid(_:scale:into:count:)``.
public func accumulateUnrounded(
  _ gradient: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Double>, count: Int
) -> UInt32 {
  var largest = SIMD8<UInt32>.zero
  for index in stride(from: 0, to: count, by: 8) {
    let values = unsafe UnsafeRawPointer(gradient + index).loadUnaligned(as: SIMD8<Float>.self)
    let sum = unsafe UnsafeMutableRawPointer(sums + index)
    unsafe sum.storeBytes(of: sum.loadUnaligned(as: SIMD8<Double>.self) + widened(values), as: SIMD8<Double>.self)
    largest = larger(largest, magnitudeBits(values))
  }
  return largestLane(largest)
}

/// `sums[i] += others[i]` for `count` doubles, a multiple of 8: one thread's sums onto another's.
public func add(_ others: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>, count: Int) {
  for index in stride(from: 0, to: count, by: 8) {
    let sum = unsafe UnsafeMutableRawPointer(sums + index)
    let other = unsafe UnsafeRawPointer(others + index).loadUnaligned(as: SIMD8<Double>.self)
    unsafe sum.storeBytes(of: sum.loadUnaligned(as: SIMD8<Double>.self) + other, as: SIMD8<Double>.self)
  }
}

/// The largest |values[i]| as float32 bits; infinity or NaN anywhere makes it ≥ 0x7F80_0000. `count` is a multiple of 8.
public func largestMagnitude(_ values: UnsafePointer<Float>, count: Int) -> UInt32 {
  var largest = SIMD8<UInt32>.zero
  for index in stride(from: 0, to: count, by: 8) {
    largest = unsafe larger(largest, magnitudeBits(load(values + index)))  // The caller owns `count` values.
  }
  return largestLane(largest)
}
