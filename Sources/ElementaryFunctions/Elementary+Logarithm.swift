extension Elementary {
  /// ln x, off by less than 1 ulp. Zero gives −∞, negative numbers give NaN, NaN stays NaN.
  ///
  /// x = 2ᵏ · (1 + f) with 1 + f within [√½, √2). With s = f / (2 + f), ln(1 + f) = 2 artanh s, whose series is taken
  /// up to s²¹ / 21 and leaves out less than 2⁻⁶⁰; it is summed as f − (f²/2 − s · (f²/2 + …)), the form of fdlibm's
  /// `e_log.c`, which adds small terms to the exact f.
  public static func naturalLogarithm(_ x: Double) -> Double {
    if x == 0 { return -.infinity }
    if x < 0 { return .nan }
    if !x.isFinite { return x }
    let isSubnormal = x < 0x1p-1022
    let bits = (isSubnormal ? x * 0x1p54 : x).bitPattern
    let rootOfHalf = 0.5.squareRoot().bitPattern
    let exponent = Int64(bitPattern: bits &- rootOfHalf) >> 52
    let f = Double(bitPattern: bits &- UInt64(bitPattern: exponent << 52)) - 1
    let k = Double(exponent - (isSubnormal ? 54 : 0))

    let s = f / (2 + f)
    let square = s * s
    var series = 2.0 / 21
    series = (2.0 / 19).addingProduct(series, square)
    series = (2.0 / 17).addingProduct(series, square)
    series = (2.0 / 15).addingProduct(series, square)
    series = (2.0 / 13).addingProduct(series, square)
    series = (2.0 / 11).addingProduct(series, square)
    series = (2.0 / 9).addingProduct(series, square)
    series = (2.0 / 7).addingProduct(series, square)
    series = (2.0 / 5).addingProduct(series, square)
    series = (2.0 / 3).addingProduct(series, square)
    let halfSquare = 0.5 * f * f
    // ln 2 as a double of 33 bits, whose product with k is exact, and the rest.
    let tail = (k * 0x1.473de6af278edp-34).addingProduct(s, halfSquare.addingProduct(series, square))
    return (k * 0x1.62e42fefp-1) - ((halfSquare - tail) - f)
  }
}
