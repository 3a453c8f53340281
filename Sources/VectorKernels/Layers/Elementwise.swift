/// target[i] ← target[i] + other[i]: a skip connection, or the gradient through it. `count` is a multiple of 8; the arrays do not
/// overlap.
public func addElements(_ other: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
  for i in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` floats at both.
    unsafe store(load(target + i) + load(other + i), target + i)
  }
}

/// target[i] ← gradient[i] · slopes[i]. `count` is a multiple of 8; `target` may be `gradient`, nothing else overlaps.
public func multiplyElements(
  _ gradient: UnsafePointer<Float>, by slopes: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
  count: Int
) {
  for i in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` floats at all three.
    unsafe store(load(gradient + i) * load(slopes + i), target + i)
  }
}
