/// The magnitudes, whose bits compare like they do.
@inline(__always)
func magnitudeBits(_ values: SIMD8<Float>) -> SIMD8<UInt32> {
  unsafe unsafeBitCast(values, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF  // As many bits, all of them allowed.
}

/// `pointwiseMax`, which the compiler no longer inlines when it has many callers: a call per vector doubles the time.
@inline(__always)
func larger(_ values: SIMD8<UInt32>, _ others: SIMD8<UInt32>) -> SIMD8<UInt32> {
  values.replacing(with: others, where: values .< others)
}

/// The eight values as doubles, exactly.
@inline(__always)
func widened(_ values: SIMD8<Float>) -> SIMD8<Double> {
  // One by one: the standard library's conversion of vectors is not inlined everywhere.
  SIMD8<Double>(
    Double(values[0]), Double(values[1]), Double(values[2]), Double(values[3]), Double(values[4]), Double(values[5]),
    Double(values[6]), Double(values[7]))
}

/// The eight values rounded to float32.
@inline(__always)
func narrowed(_ values: SIMD8<Double>) -> SIMD8<Float> {
  SIMD8<Float>(
    Float(values[0]), Float(values[1]), Float(values[2]), Float(values[3]), Float(values[4]), Float(values[5]),
    Float(values[6]), Float(values[7]))
}

/// `max()`, which is not inlined everywhere either.
@inline(__always)
func largestLane(_ values: SIMD8<UInt32>) -> UInt32 {
  var largest = values[0]
  for lane in 1..<8 { largest = max(largest, values[lane]) }
  return largest
}
