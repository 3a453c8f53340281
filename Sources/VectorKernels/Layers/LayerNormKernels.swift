public import KernelOperands

// Sums over the units of an event are those of eight lanes, lane l taking units l, l + 8, …, which `total` adds in one fixed order:
// the same bits at every vector width.

/// z ← γ · x̂ + β, row by row, with x̂ = (z − mean) · 1 / √(variance + ε) over the units of the row, in place.
///
/// Two passes: the mean, then the mean of the squared differences from it, each Σ · float32(1 / units). x̂ and 1 / √… are kept for the
/// backward pass. Padding of z is 0, of x̂ becomes 0, and so that of the result is 0. γ · x̂ + β is fused.
public func normalize(
  _ layer: LayerNormalization, shifts: UnsafePointer<Float>, values: UnsafeMutablePointer<Float>
) {
  let inverse = unsafe 1 / Float(layer.units)
  let (stride, whole) = unsafe (layer.stride, layer.units & ~7)
  let last = unsafe lanes(below: layer.units &- whole)
  for row in unsafe 0..<layer.rows {
    // The caller owns `rows` rows of each matrix and a padded row of γ and β.
    let z = unsafe values + row &* stride
    let normalized = unsafe layer.normalized + row &* stride
    var sum = Lanes()
    for column in Swift.stride(from: 0, to: stride, by: 8) { unsafe sum += load(z + column) }
    let mean = Lanes(repeating: total(sum) * inverse)
    var squares = Lanes()
    for column in Swift.stride(from: 0, to: whole, by: 8) {
      let difference = unsafe load(z + column) - mean
      squares = squares.addingProduct(difference, difference)
    }
    if whole < stride {
      let difference = unsafe (load(z + whole) - mean).kept(where: last)
      squares = squares.addingProduct(difference, difference)
    }
    let variance = total(squares) * inverse
    let inverseDeviation = unsafe 1 / (variance + LayerNormalization.epsilon).squareRoot()
    unsafe layer.inverseDeviations[row] = inverseDeviation
    let factor = Lanes(repeating: inverseDeviation)
    for column in Swift.stride(from: 0, to: stride, by: 8) {
      let scaled = unsafe (load(z + column) - mean) * factor
      let x = column < whole ? scaled : scaled.kept(where: last)
      unsafe store(x, normalized + column)
      unsafe store(load(shifts + column).addingProduct(load(layer.scales + column), x), z + column)
    }
  }
}

/// From the gradient g w.r.t. the results of `normalize` to that w.r.t. z, row by row, in place:
///
///     h = γ · g,  g ← ((h − mean(h)) − x̂ · mean(h · x̂)) · 1 / √(variance + ε)
///
/// with means over the units, each Σ · float32(1 / units); the inner multiply-add is fused. Padding of g is 0 and stays 0.
public func backpropagate(_ layer: LayerNormalization, gradient: UnsafeMutablePointer<Float>) {
  let inverse = unsafe 1 / Float(layer.units)
  let (stride, whole) = unsafe (layer.stride, layer.units & ~7)
  let last = unsafe lanes(below: layer.units &- whole)
  for row in unsafe 0..<layer.rows {
    // The caller owns `rows` rows of each matrix and a padded row of γ.
    let g = unsafe gradient + row &* stride
    let normalized = unsafe layer.normalized + row &* stride
    var (sum, products) = (Lanes(), Lanes())
    for column in Swift.stride(from: 0, to: stride, by: 8) {
      let h = unsafe load(layer.scales + column) * load(g + column)
      sum += h
      products = unsafe products.addingProduct(h, load(normalized + column))
    }
    let mean = Lanes(repeating: total(sum) * inverse)
    let meanProduct = Lanes(repeating: total(products) * inverse)
    let factor = unsafe Lanes(repeating: layer.inverseDeviations[row])
    for column in Swift.stride(from: 0, to: stride, by: 8) {
      let h = unsafe load(layer.scales + column) * load(g + column)
      let result = unsafe (h - mean).addingProduct(-load(normalized + column), meanProduct) * factor
      unsafe store(column < whole ? result : result.kept(where: last), g + column)
    }
  }
}

/// The gradients w.r.t. γ and β from g, that w.r.t. the results of `normalize`, both (stride): for each unit Σ g · x̂, a chain
/// of fused multiply-adds, and Σ g, over the rows in order.
public func sumScaleGradients(
  _ layer: LayerNormalization, gradient: UnsafePointer<Float>, scales: UnsafeMutablePointer<Float>,
  shifts: UnsafeMutablePointer<Float>
) {
  let stride = unsafe layer.stride
  var column = 0
  // Two registers side by side: four chains of additions.
  while column < stride {
    let isPair = column &+ 16 <= stride
    let second = isPair ? 8 : 0
    var (scale0, scale1, shift0, shift1) = (Lanes(), Lanes(), Lanes(), Lanes())
    var g = unsafe gradient + column
    var x = unsafe UnsafePointer(layer.normalized) + column
    for _ in unsafe 0..<layer.rows {
      // The caller owns `rows` rows.
      let (g0, g1) = unsafe (load(g), load(g + second))
      unsafe scale0 = scale0.addingProduct(g0, load(x))
      unsafe scale1 = scale1.addingProduct(g1, load(x + second))
      shift0 += g0
      shift1 += g1
      unsafe g += stride
      unsafe x += stride
    }
    unsafe store(scale0, scales + column)
    unsafe store(shift0, shifts + column)
    if isPair {
      unsafe store(scale1, scales + column + 8)
      unsafe store(shift1, shifts + column + 8)
    }
    column &+= 16
  }
}

/// ((l₀ + l₄) + (l₂ + l₆)) + ((l₁ + l₅) + (l₃ + l₇)) of the lanes l.
@inline(__always) private func total(_ lanes: Lanes) -> Float {
  let four = lanes.lowHalf + lanes.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// True in the first `count` lanes.
@inline(__always) private func lanes(below count: Int) -> LaneMask {
  Words(0, 1, 2, 3, 4, 5, 6, 7) .< Words(repeating: Int32(truncatingIfNeeded: count))
}
