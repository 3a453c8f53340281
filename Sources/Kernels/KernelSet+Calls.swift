public import BaselineKernels
public import KernelOperands
public import WideKernels

// Two direct calls each: `(isWide ? WideKernels.add : BaselineKernels.add)(…)` would be an indirect one, which makes the step of a
// single event 0.6 % longer. Shapes, padding and rounding are described at the functions of the same names in VectorKernels.

extension KernelSet {
  /// C = finish(initial + A · B). `scratch` has ``scratchOfProduct(rows:columns:depth:)`` floats, or nil.
  @inlinable @inline(__always) public func multiply(
    _ product: MatrixProduct, finish: ProductFinish, scratch: UnsafeMutablePointer<Float>? = nil
  ) {
    unsafe isWide
      ? WideKernels.multiply(product, finish: finish, scratch: scratch)
      : BaselineKernels.multiply(product, finish: finish, scratch: scratch)
  }

  /// How many floats of scratch ``multiply(_:finish:scratch:)`` wants for a product of this shape; 0 for one that is not packed.
  public func scratchOfProduct(rows: Int, columns: Int, depth: Int) -> Int {
    isWide
      ? WideKernels.scratchOfProduct(rows: rows, columns: columns, depth: depth)
      : BaselineKernels.scratchOfProduct(rows: rows, columns: columns, depth: depth)
  }

  /// C = column sums of B, rows in order: b is (rows, columns), rows `bStride` apart, `columns` a multiple of 8.
  @inlinable @inline(__always) public func sumRows(
    rows: Int, columns: Int, b: UnsafePointer<Float>, bStride: Int, c: UnsafeMutablePointer<Float>
  ) {
    unsafe isWide
      ? WideKernels.sumRows(rows: rows, columns: columns, b: b, bStride: bStride, c: c)
      : BaselineKernels.sumRows(rows: rows, columns: columns, b: b, bStride: bStride, c: c)
  }

  /// B = Aᵀ for (rows, columns) values of A; rows of A are at least `columns` rounded up to 4 apart.
  @inlinable @inline(__always) public func transpose(
    rows: Int, columns: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafeMutablePointer<Float>, bStride: Int
  ) {
    // With AVX-512 the compiler merges the shuffles into slower ones: 0.15 µs for 2,000 weights instead of 0.09.
    unsafe BaselineKernels.transpose(rows: rows, columns: columns, a: a, aStride: aStride, b: b, bStride: bStride)
  }

  /// target[row][i] ← (source[row][i] − means[i]) · scales[i]; eight floats more are read behind the source.
  @inlinable public func standardize(
    rows: Int, columns: Int, source: UnsafePointer<Float>, means: UnsafePointer<Float>, scales: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, stride: Int
  ) {
    unsafe isWide
      ? WideKernels.standardize(
        rows: rows, columns: columns, source: source, means: means, scales: scales, target: target, stride: stride)
      : BaselineKernels.standardize(
        rows: rows, columns: columns, source: source, means: means, scales: scales, target: target, stride: stride)
  }

  /// values[i] ← f(values[i]); `count` is a multiple of 8.
  @inlinable public func activate(_ kind: Activation, _ values: UnsafeMutablePointer<Float>, count: Int) {
    unsafe isWide
      ? WideKernels.activate(kind, values, count: count)
      : BaselineKernels.activate(kind, values, count: count)
  }

  /// gradient[i] ← gradient[i] · f′, which follows from the activation's output; `count` is a multiple of 8.
  @inlinable public func multiplyByDerivative(
    _ kind: Activation, gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>, count: Int
  ) {
    unsafe isWide
      ? WideKernels.multiplyByDerivative(kind, gradient: gradient, output: output, count: count)
      : BaselineKernels.multiplyByDerivative(kind, gradient: gradient, output: output, count: count)
  }

  /// Loss of each event and its gradient w.r.t. the logits; returns how many events have the largest logit for their own class.
  /// All five arrays are padded to a multiple of 16 rows.
  @inlinable public func softmaxCrossEntropy(
    rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>,
    weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, losses: UnsafeMutablePointer<Float>
  ) -> Int {
    // Eight events in eight lanes, and transposed like the weights: see there.
    unsafe BaselineKernels.softmaxCrossEntropy(
      rows: rows, classes: classes, logits: logits, stride: stride, labels: labels, weights: weights,
      gradient: gradient, losses: losses)
  }

  /// probabilities[row][class] ← softmax(logits[row]); both arrays are padded to a multiple of 16 rows.
  public func softmax(
    rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, probabilities: UnsafeMutablePointer<Float>
  ) {
    unsafe BaselineKernels.softmax(
      rows: rows, classes: classes, logits: logits, stride: stride, probabilities: probabilities)
  }

  /// indices[row] ← the class with the largest score, or −1 where one of them is NaN.
  public func argMax(
    rows: Int, classes: Int, scores: UnsafePointer<Float>, stride: Int, indices: UnsafeMutablePointer<Int32>
  ) {
    unsafe BaselineKernels.argMax(rows: rows, classes: classes, scores: scores, stride: stride, indices: indices)
  }

  /// Rounds gradients onto the grid of multiples of 1 / `scale` and adds them; returns the largest magnitude's bits. `count`
  /// is a multiple of 8.
  @inlinable public func accumulateOnGrid(
    _ gradient: UnsafePointer<Float>, scale: Double, into sums: UnsafeMutablePointer<Double>, count: Int
  ) -> UInt32 {
    unsafe isWide
      ? WideKernels.accumulateOnGrid(gradient, scale: scale, into: sums, count: count)
      : BaselineKernels.accumulateOnGrid(gradient, scale: scale, into: sums, count: count)
  }

  /// Adds gradients as they are; returns the largest magnitude's bits.
  @inlinable public func accumulateUnrounded(
    _ gradient: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Double>, count: Int
  ) -> UInt32 {
    unsafe isWide
      ? WideKernels.accumulateUnrounded(gradient, into: sums, count: count)
      : BaselineKernels.accumulateUnrounded(gradient, into: sums, count: count)
  }

  /// ``accumulateOnGrid(_:scale:into:count:)`` onto sums that are zero, whatever they hold.
  @inlinable public func setOnGrid(
    _ gradient: UnsafePointer<Float>, scale: Double, sums: UnsafeMutablePointer<Double>, count: Int
  ) -> UInt32 {
    unsafe isWide
      ? WideKernels.setOnGrid(gradient, scale: scale, sums: sums, count: count)
      : BaselineKernels.setOnGrid(gradient, scale: scale, sums: sums, count: count)
  }

  /// ``accumulateUnrounded(_:into:count:)`` onto sums that are zero, whatever they hold.
  @inlinable public func setUnrounded(
    _ gradient: UnsafePointer<Float>, sums: UnsafeMutablePointer<Double>, count: Int
  ) -> UInt32 {
    unsafe isWide
      ? WideKernels.setUnrounded(gradient, sums: sums, count: count)
      : BaselineKernels.setUnrounded(gradient, sums: sums, count: count)
  }

  /// Adds gradients in plain float32; returns the largest magnitude's bits.
  @inlinable public func accumulatePlain(
    _ gradient: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>, count: Int
  ) -> UInt32 {
    unsafe isWide
      ? WideKernels.accumulatePlain(gradient, into: sums, count: count)
      : BaselineKernels.accumulatePlain(gradient, into: sums, count: count)
  }

  /// ``accumulatePlain(_:into:count:)`` onto sums that are zero, whatever they hold.
  @inlinable public func setPlain(
    _ gradient: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>, count: Int
  ) -> UInt32 {
    unsafe isWide
      ? WideKernels.setPlain(gradient, sums: sums, count: count)
      : BaselineKernels.setPlain(gradient, sums: sums, count: count)
  }

  /// sums[i] += others[i]; `count` is a multiple of 8.
  @inlinable public func add(_ others: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>, count: Int) {
    unsafe isWide
      ? WideKernels.add(others, to: sums, count: count)
      : BaselineKernels.add(others, to: sums, count: count)
  }

  /// The largest magnitude's bits; `count` is a multiple of 8.
  @inlinable public func largestMagnitude(_ values: UnsafePointer<Float>, count: Int) -> UInt32 {
    unsafe isWide
      ? WideKernels.largestMagnitude(values, count: count)
      : BaselineKernels.largestMagnitude(values, count: count)
  }

  /// One step of an optimiser on the parameters of a dense layer, (inputs + 1, stride) with the biases last.
  @inlinable public func update(
    parameters: UnsafeMutablePointer<Float>, state: UnsafeMutablePointer<Float>, stateStride: Int, inputs: Int,
    stride: Int, from source: GradientSource, toMean: Double, _ coefficients: MoveCoefficients
  ) {
    unsafe isWide
      ? WideKernels.update(
        parameters: parameters, state: state, stateStride: stateStride, inputs: inputs, stride: stride, from: source,
        toMean: toMean, coefficients)
      : BaselineKernels.update(
        parameters: parameters, state: state, stateStride: stateStride, inputs: inputs, stride: stride, from: source,
        toMean: toMean, coefficients)
  }

  /// One step of an optimiser on some rows of a dense layer, with an L2 penalty.
  public func update(
    rows: Range<Int>, parameters: UnsafeMutablePointer<Float>, state: UnsafeMutablePointer<Float>, stateStride: Int,
    inputs: Int, stride: Int, from source: GradientSource, toMean: Double, penalty: Float,
    _ coefficients: MoveCoefficients
  ) {
    unsafe isWide
      ? WideKernels.update(
        rows: rows, parameters: parameters, state: state, stateStride: stateStride, inputs: inputs, stride: stride,
        from: source, toMean: toMean, penalty: penalty, coefficients)
      : BaselineKernels.update(
        rows: rows, parameters: parameters, state: state, stateStride: stateStride, inputs: inputs, stride: stride,
        from: source, toMean: toMean, penalty: penalty, coefficients)
  }

  /// The sum of the squares of a dense layer's mean gradient, in double.
  public func squaredNorm(
    parameters: UnsafePointer<Float>, rows: Int, inputs: Int, stride: Int, from source: GradientSource, toMean: Double,
    penalty: Double
  ) -> Double {
    unsafe isWide
      ? WideKernels.squaredNorm(
        parameters: parameters, rows: rows, inputs: inputs, stride: stride, from: source, toMean: toMean,
        penalty: penalty)
      : BaselineKernels.squaredNorm(
        parameters: parameters, rows: rows, inputs: inputs, stride: stride, from: source, toMean: toMean,
        penalty: penalty)
  }

  /// average[i] ← average[i] + rate · (values[i] − average[i]); `count` is a multiple of 8.
  public func moveAverage(
    _ average: UnsafeMutablePointer<Float>, towards values: UnsafePointer<Float>, rate: Float, count: Int
  ) {
    unsafe isWide
      ? WideKernels.moveAverage(average, towards: values, rate: rate, count: count)
      : BaselineKernels.moveAverage(average, towards: values, rate: rate, count: count)
  }

  /// images[i] ← the image of places.lowerBound + i; places lie in 0 ..< count.
  public func findImages(
    _ permutation: FeistelPermutation, of places: Range<Int>, into images: UnsafeMutablePointer<Int>
  ) {
    unsafe isWide
      ? WideKernels.findImages(permutation, of: places, into: images)
      : BaselineKernels.findImages(permutation, of: places, into: images)
  }

  /// values[i] ← e^values[i]; `count` is a multiple of 8. For tests of its error bound.
  public func exponential(_ values: UnsafeMutablePointer<Float>, count: Int) {
    unsafe isWide
      ? WideKernels.exponential(values, count: count)
      : BaselineKernels.exponential(values, count: count)
  }

  /// values[i] ← ln values[i]; `count` is a multiple of 8. For tests of its error bound.
  public func naturalLogarithm(_ values: UnsafeMutablePointer<Float>, count: Int) {
    unsafe isWide
      ? WideKernels.naturalLogarithm(values, count: count)
      : BaselineKernels.naturalLogarithm(values, count: count)
  }

  /// Floating-point operations of one iteration of ``runPeakLoop(iterations:)``.
  public var peakLoopOperations: Int {
    isWide ? WideKernels.peakLoopOperations : BaselineKernels.peakLoopOperations
  }

  /// Fused multiply-adds in registers and nothing else: the peak of a core with these vectors.
  public func runPeakLoop(iterations: Int) -> Float {
    isWide
      ? WideKernels.runPeakLoop(iterations: iterations) : BaselineKernels.runPeakLoop(iterations: iterations)
  }
}
