/// average[i] ← average[i] + rate · (values[i] − average[i]), with one rounding of the difference and one of the rest: a running
/// mean that forgets. `count` is a multiple of 8; the arrays do not overlap.
public func moveAverage(
  _ average: UnsafeMutablePointer<Float>, towards values: UnsafePointer<Float>, rate: Float, count: Int
) {
  var index = 0
  while index &+ Register.width <= count {
    unsafe move(Register.self, average + index, values + index, rate)  // The caller owns `count` values of each.
    index &+= Register.width
  }
  if index < count { unsafe move(Lanes.self, average + index, values + index, rate) }
}

@inline(__always) private func move<Vector: RegisterVector>(
  _: Vector.Type, _ average: UnsafeMutablePointer<Float>, _ values: UnsafePointer<Float>, _ rate: Float
) {
  // The caller owns as many values at both pointers.
  var mean = unsafe Vector(at: average)
  unsafe mean.addProduct(Vector(repeating: rate), Vector(at: values).minus(mean))
  unsafe mean.store(at: average)
}
