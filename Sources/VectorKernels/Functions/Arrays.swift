// The vector functions over arrays, in place, for the tests that hold them to their error bounds: vectors cannot cross
// a module's border by value without losing their registers.

/// values[i] ← e^values[i]. `count` is a multiple of 8.
public func exponential(_ values: UnsafeMutablePointer<Float>, count: Int) {
  unsafe transform(values, count: count) { exponential($0) }
}

/// values[i] ← ln values[i]. `count` is a multiple of 8.
public func naturalLogarithm(_ values: UnsafeMutablePointer<Float>, count: Int) {
  unsafe transform(values, count: count) { naturalLogarithm($0) }
}

/// values[i] ← function(values[i]), eight at a time. `count` is a multiple of 8.
@inline(__always) func transform(
  _ values: UnsafeMutablePointer<Float>, count: Int, _ function: (Lanes) -> Lanes
) {
  for i in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` floats there.
    unsafe store(function(load(values + i)), values + i)
  }
}
