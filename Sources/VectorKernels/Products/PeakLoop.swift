/// Floating-point operations of one iteration of ``runPeakLoop(iterations:)``: 14 vectors, a product and a sum each lane.
public var peakLoopOperations: Int { 14 * Register.scalarCount * 2 }

/// Fused multiply-adds in registers and nothing else: the peak of a core with the vectors of the kernels.
///
/// 14 independent chains of a register each: two pipes of latency 4 (5 on older cores: 10 chains) are always fed, and the 16
/// registers of AVX2 hold the chains and both factors. Every chain is x ← x · 0.999 + 0.001, whose values stay near 1.
///
/// - Returns: a sum over all lanes, so that no chain can be left out.
@inline(never)
public func runPeakLoop(iterations: Int) -> Float {
  let factor = Register(repeating: 0.999)
  let term = Register(repeating: 0.001)
  // Named one by one: an array of accumulators is not kept in registers. All differ, so that none can be shared.
  var lanes = Register(repeating: 1)
  for lane in 0..<Register.scalarCount { lanes[lane] += 0.01 * Float(lane) }
  var a = lanes, b = lanes + 0.1, c = lanes + 0.2, d = lanes + 0.3, e = lanes + 0.4, f = lanes + 0.5, g = lanes + 0.6
  var h = lanes - 0.1, i = lanes - 0.2, j = lanes - 0.3, k = lanes - 0.4, l = lanes - 0.5, m = lanes - 0.6
  var n = lanes - 0.7
  for _ in 0..<iterations {
    a = term.addingProduct(a, factor)
    b = term.addingProduct(b, factor)
    c = term.addingProduct(c, factor)
    d = term.addingProduct(d, factor)
    e = term.addingProduct(e, factor)
    f = term.addingProduct(f, factor)
    g = term.addingProduct(g, factor)
    h = term.addingProduct(h, factor)
    i = term.addingProduct(i, factor)
    j = term.addingProduct(j, factor)
    k = term.addingProduct(k, factor)
    l = term.addingProduct(l, factor)
    m = term.addingProduct(m, factor)
    n = term.addingProduct(n, factor)
  }
  let first = ((a + b) + (c + d)) + ((e + f) + g)
  let second = ((h + i) + (j + k)) + ((l + m) + n)
  return (first + second).sum()
}
