import BaselineKernels
public import KernelOperands

// Kernels with eight events in eight lanes, of which there is one build: see `softmaxCrossEntropy`.

extension KernelSet {
  /// Loss and gradient of a softmax and a cross-entropy of this shape; returns the hits. All arrays are padded to a multiple of 16
  /// rows.
  public func shapedCrossEntropy(
    rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>,
    weights: UnsafePointer<Float>, _ shape: LossShape, gradient: UnsafeMutablePointer<Float>,
    losses: UnsafeMutablePointer<Float>
  ) -> Int {
    unsafe BaselineKernels.shapedCrossEntropy(
      rows: rows, classes: classes, logits: logits, stride: stride, labels: labels, weights: weights, shape,
      gradient: gradient, losses: losses)
  }

  /// Loss and gradient of one sigmoid output, of the first of two classes; returns the hits. All arrays are padded to a multiple of
  /// 16 rows.
  public func binaryCrossEntropy(
    rows: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>,
    weights: UnsafePointer<Float>, _ shape: LossShape, gradient: UnsafeMutablePointer<Float>,
    losses: UnsafeMutablePointer<Float>
  ) -> Int {
    unsafe BaselineKernels.binaryCrossEntropy(
      rows: rows, logits: logits, stride: stride, labels: labels, weights: weights, shape, gradient: gradient,
      losses: losses)
  }

  /// Bounds losses of events of negative weight, and takes their gradient away.
  public func boundNegativeLosses(
    rows: Int, bound: Float, weights: UnsafePointer<Float>, stride: Int, gradient: UnsafeMutablePointer<Float>,
    losses: UnsafeMutablePointer<Float>
  ) {
    unsafe BaselineKernels.boundNegativeLosses(
      rows: rows, bound: bound, weights: weights, stride: stride, gradient: gradient, losses: losses)
  }

  /// probabilities[row] ← (σ(z), σ(−z)); both arrays are padded to a multiple of 8 rows.
  public func binaryProbabilities(
    rows: Int, logits: UnsafePointer<Float>, stride: Int, probabilities: UnsafeMutablePointer<Float>
  ) {
    unsafe BaselineKernels.binaryProbabilities(
      rows: rows, logits: logits, stride: stride, probabilities: probabilities)
  }

  /// indices[row] ← 0 where the output is at least 0, else 1, or −1 where it is NaN.
  public func binaryPredictions(
    rows: Int, logits: UnsafePointer<Float>, stride: Int, indices: UnsafeMutablePointer<Int32>
  ) {
    unsafe BaselineKernels.binaryPredictions(rows: rows, logits: logits, stride: stride, indices: indices)
  }

  /// bins[column · binStride + row] ← the bin of a class's probability; rows are padded to a multiple of 8.
  public func findScoreBins(
    rows: Int, classes: Int, columns: Int, logits: UnsafePointer<Float>, stride: Int,
    bins: UnsafeMutablePointer<UInt16>, binStride: Int
  ) {
    unsafe BaselineKernels.findScoreBins(
      rows: rows, classes: classes, columns: columns, logits: logits, stride: stride, bins: bins,
      binStride: binStride)
  }

  /// bins[row] ← the bin of the first class's probability by one output; rows are padded to a multiple of 8.
  public func findBinaryScoreBins(
    rows: Int, logits: UnsafePointer<Float>, stride: Int, bins: UnsafeMutablePointer<UInt16>
  ) {
    unsafe BaselineKernels.findBinaryScoreBins(rows: rows, logits: logits, stride: stride, bins: bins)
  }
}
