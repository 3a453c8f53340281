/// Copies rows of features and brings each to mean 0 and standard deviation 1: target[row][i] ← (source[row][i] − means[i]) · scales[i], in
/// float32, rounded after each of the two. Padding columns of the target become 0.
///
/// - Parameters:
///   - source: (rows, columns), one row behind the other, and eight more floats of any value behind the last.
///   - means: Of each column, padded to a multiple of 8. So are the scales, with 0.
///   - target: (rows, stride), stride at least `columns` rounded up to 8. It does not overlap the source.
public func standardize(
  rows: Int, columns: Int, source: UnsafePointer<Float>, means: UnsafePointer<Float>, scales: UnsafePointer<Float>,
  target: UnsafeMutablePointer<Float>, stride: Int
) {
  let whole = columns & ~7
  let rest = Words(0, 1, 2, 3, 4, 5, 6, 7) .< Words(repeating: Int32(truncatingIfNeeded: columns &- whole))
  for row in 0..<rows {
    let (from, to) = unsafe (source + row &* columns, target + row &* stride)
    var column = 0
    while column < whole {
      // The caller owns eight floats at all four.
      unsafe store((load(from + column) - load(means + column)) * load(scales + column), to + column)
      column &+= 8
    }
    guard whole < columns else { continue }
    // Lanes beyond the columns see the next row, or what is behind the last.
    let standard = unsafe (load(from + whole) - load(means + whole)) * load(scales + whole)
    unsafe store(standard.kept(where: rest), to + whole)
  }
}
