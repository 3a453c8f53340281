/// Adds `count` gradient values in plain float32: `sums[i] += gradient[i]`, each addition rounded.
///
/// The result depends on the order of the additions: for runs that ask for float32 sums. `count` is a multiple of 8; the
/// arrays do not overlap. `sums` that start at +0 never become −0.
///
/// - Returns: the largest |gradient[i]| as float32 bits, as `accumulateOnGrid` does. Infinity or NaN anywhere makes it
///   ≥ 0x7F80_0000.
public func accumulatePlain(
  _ gradient: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>, count: Int
) -> UInt32 {
  var largest = SIMD8<UInt32>.zero
  for index in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` values in both arrays.
    let values = unsafe load(gradient + index)
    unsafe store(load(sums + index) + values, sums + index)
    largest = larger(largest, magnitudeBits(values))
  }
  return largestLane(largest)
}
