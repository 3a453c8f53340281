import Kernels
import KernelOperands
import Numerics

/// Events in the layout of the loss kernels, with NaN in all padding, so that what leaks from there is seen.
struct LossBatch {
  let rows: Int
  /// Logits an event has.
  let width: Int
  let stride: Int
  var logits: [Float]
  var labels: [Int32]
  var weights: [Float]
  var gradient: [Float] = []
  var losses: [Float] = []
  var correct = 0

  init(_ events: [[Float]], labels: [Int], weights: [Float]? = nil) {
    rows = events.count
    width = events[0].count
    stride = (width + 7) & ~7
    let padding = -rows & 15
    let columns = stride - width
    logits = events.flatMap { $0 + [Float](repeating: .nan, count: columns) }
    logits += [Float](repeating: .nan, count: padding * stride)
    self.labels = labels.map(Int32.init) + [Int32](repeating: 0, count: padding)
    self.weights = (weights ?? events.map { _ in 1 }) + [Float](repeating: .nan, count: padding)
  }

  /// `rows` events with logits in [−scale, scale), labels that may be any of `classes`, and weights in [lightest, lightest + 2).
  init(
    rows: Int, width: Int, classes: Int, scale: Double, seed: UInt64, stream: UInt64 = 17, lightest: Double = -1
  ) {
    let random = CounterRandom(seed: seed, stream: stream)
    func uniform(_ row: Int, _ column: Int) -> Double { random.uniform(UInt64(row * (width + 2) + column)) }
    self.init(
      (0..<rows).map { row in (0..<width).map { Float((uniform(row, $0) * 2 - 1) * scale) } },
      labels: (0..<rows).map { Int(uniform($0, width) * Double(classes)) },
      weights: (0..<rows).map { Float(uniform($0, width + 1) * 2 + lightest) })
  }

  func logits(of row: Int) -> [Float] { Array(logits[row * stride..<row * stride + width]) }
  func gradient(of row: Int) -> [Float] { Array(gradient[row * stride..<row * stride + width]) }

  /// The event of one output for softmax: (z, 0).
  func asTwoClasses(_ row: Int) -> [Float] { [logits[row * stride], 0] }

  /// Loss and gradient; `isBinary`: by one sigmoid output.
  mutating func train(_ shape: LossShape, isBinary: Bool = false, inPlace: Bool = false) {
    let (rows, width, stride) = (rows, width, stride)
    unsafe train(inPlace: inPlace) { z, l, w, g, o in
      unsafe isBinary
        ? kernels.binaryCrossEntropy(
          rows: rows, logits: z, stride: stride, labels: l, weights: w, shape, gradient: g, losses: o)
        : kernels.shapedCrossEntropy(
          rows: rows, classes: width, logits: z, stride: stride, labels: l, weights: w, shape, gradient: g, losses: o)
    }
  }

  /// Loss and gradient by the kernel of the plain softmax.
  mutating func train(inPlace: Bool = false) {
    let (rows, width, stride) = (rows, width, stride)
    unsafe train(inPlace: inPlace) { z, l, w, g, o in
      unsafe kernels.softmaxCrossEntropy(
        rows: rows, classes: width, logits: z, stride: stride, labels: l, weights: w, gradient: g, losses: o)
    }
  }

  /// Lets `kernel` read logits, labels and weights, and write gradient and losses; it returns how many events are right.
  private mutating func train(
    inPlace: Bool,
    _ kernel: (
      UnsafePointer<Float>, UnsafePointer<Int32>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>
    ) -> Int
  ) {
    gradient = inPlace ? logits : [Float](repeating: .nan, count: logits.count)
    losses = [Float](repeating: .nan, count: labels.count)
    let (labels, weights, logits) = (labels, weights, logits)
    // All arrays are padded as the kernels ask; the pointers live as long as the closures.
    correct = unsafe logits.withUnsafeBufferPointer { z in
      unsafe labels.withUnsafeBufferPointer { l in
        unsafe weights.withUnsafeBufferPointer { w in
          unsafe gradient.withUnsafeMutableBufferPointer { g in
            unsafe losses.withUnsafeMutableBufferPointer { o in
              guard let z = z.baseAddress, let l = l.baseAddress, let w = w.baseAddress,
                let g = g.baseAddress, let o = o.baseAddress
              else { return 0 }
              return unsafe kernel(inPlace ? UnsafePointer(g) : z, l, w, g, o)
            }
          }
        }
      }
    }
  }

  /// Bounds the losses of a trained batch.
  mutating func bound(_ bound: Float) {
    let (rows, stride, weights) = (rows, stride, weights)
    unsafe weights.withUnsafeBufferPointer { w in
      unsafe gradient.withUnsafeMutableBufferPointer { g in
        unsafe losses.withUnsafeMutableBufferPointer { o in
          guard let w = w.baseAddress, let g = g.baseAddress, let o = o.baseAddress else { return }
          // All three have `rows` rows.
          unsafe kernels.boundNegativeLosses(
            rows: rows, bound: bound, weights: w, stride: stride, gradient: g, losses: o)
        }
      }
    }
  }

  /// The bins of the first `columns` scores: (columns, padded rows).
  func bins(columns: Int, isBinary: Bool = false) -> [[UInt16]] {
    let padded = (rows + 7) & ~7
    var bins = [UInt16](repeating: 0, count: columns * padded)
    unsafe logits.withUnsafeBufferPointer { z in
      unsafe bins.withUnsafeMutableBufferPointer { b in
        guard let z = z.baseAddress, let b = b.baseAddress else { return }
        // Rows and bins are padded to eight.
        if isBinary {
          unsafe kernels.findBinaryScoreBins(rows: rows, logits: z, stride: stride, bins: b)
        } else {
          unsafe kernels.findScoreBins(
            rows: rows, classes: width, columns: columns, logits: z, stride: stride, bins: b, binStride: padded)
        }
      }
    }
    return (0..<columns).map { Array(bins[$0 * padded..<$0 * padded + rows]) }
  }
}

extension LossShape {
  /// With label smoothing ε over so many classes, and a focal γ.
  init(smoothing: Double, classes: Int, gamma: Double) {
    self.init(
      own: Float(1 - smoothing + smoothing / Double(classes)), other: Float(smoothing / Double(classes)),
      gamma: Float(gamma))
  }
}
