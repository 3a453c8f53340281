/// The nearest integer to a number below 2⁵¹ in magnitude, ties to even.
@inlinable @inline(__always) public func nearestInteger(_ x: Double) -> Double {
  (x + 0x1.8p52) - 0x1.8p52
}

/// 2ⁿ for −1022 ≤ n ≤ 1023.
@inlinable @inline(__always) public func powerOfTwo(_ n: Int) -> Double {
  Double(bitPattern: UInt64(truncatingIfNeeded: n &+ 1023) &<< 52)
}

/// x · 2ⁿ, rounded once unless it is subnormal; |n| ≤ 2,044.
public func scaled(_ x: Double, by n: Int) -> Double {
  let half = max(-2044, min(2044, n)) / 2
  return x * powerOfTwo(half) * powerOfTwo(max(-2044, min(2044, n)) - half)
}
