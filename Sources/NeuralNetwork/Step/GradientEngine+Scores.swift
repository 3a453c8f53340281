import Kernels

// Class probabilities of many events at once.

extension GradientEngine {
  /// What `body` gives for each number below `count`, in the order of the numbers, with all threads of the engine. Each call has a
  /// scorer of its own, for events that nobody else scores meanwhile.
  public mutating func mapScoring<Value>(
    _ count: Int, _ body: (_ index: Int, _ scorer: BlockScorer) -> Value
  ) -> [Value] {
    var values = [Value?](repeating: nil, count: count)
    let workers = unsafe workers
    let (threads, team) = (threads, team)
    // SAFETY: call i writes value i alone, thread t uses worker t alone, and all are done before the pointers end.
    unsafe values.withUnsafeMutableBufferPointer { values in
      func work(_ index: Int, _ thread: Int) {
        unsafe values[index] = body(index, BlockScorer(worker: workers + thread))
      }
      if let team {
        team.run(count, threads: threads, work)
      } else {
        for index in 0..<count { work(index, 0) }
      }
    }
    return values.compactMap { $0 }
  }
}

/// Mean and scale of each input, in the form that kernels take: padded with zeros to a multiple of 8.
public struct InputScaling: Sendable {
  let means: [Float]
  let scales: [Float]
  let inputs: Int

  /// One mean and one scale for each input.
  public init(means: [Float], scales: [Float]) {
    precondition(means.count == scales.count, "a mean and a scale per input")
    let padding = [Float](repeating: 0, count: -means.count & 7)
    (self.means, self.scales, inputs) = (means + padding, scales + padding, means.count)
  }
}

/// Takes events through a network, on one thread. Only valid in the call that it is given to (``GradientEngine/mapScoring(_:_:)``).
@safe
public struct BlockScorer {
  let worker: UnsafeMutablePointer<Worker>

  /// The floats that have to follow the inputs of the last event: kernels read eight at a time.
  public static let padding = 8

  /// Class probabilities of `events` events: (events, classes).
  ///
  /// The bits of an event depend on its inputs alone, whatever the events beside it are.
  /// - Parameter inputs: (events, inputs), and ``padding`` floats of any value.
  public func probabilities(
    of network: borrowing Network, _ inputs: Span<Float>, events: Int, _ scaling: InputScaling
  ) -> [Float] {
    let (columns, classes) = (scaling.inputs, network.specification.classes)
    let (capacity, stride) = unsafe (worker.pointee.capacity, worker.pointee.layout.layers[0].inputStride)
    precondition(events >= 0 && inputs.count >= events * columns + Self.padding, "\(inputs.count) inputs")
    unsafe precondition(worker.pointee.layout.layers[0].inputs == columns, "\(columns) inputs of the network")
    // SAFETY: the inputs are there, with their padding; the worker has room for `capacity` rows of inputs and outputs, and all of the
    // scores are written.
    return unsafe [Float](unsafeUninitializedCapacity: events * classes) { scores, count in
      unsafe inputs.withUnsafeBufferPointer { inputs in
        guard let first = inputs.baseAddress, let scores = scores.baseAddress else { return }
        for start in Swift.stride(from: 0, to: events, by: capacity) {
          let rows = min(capacity, events - start)
          unsafe worker.pointee.kernels.standardize(
            rows: rows, columns: columns, source: first + start * columns, means: scaling.means,
            scales: scaling.scales, target: worker.pointee.activations.pointer, stride: stride)
          let outputs = unsafe worker.pointee.forward(network, rows: rows)
          unsafe worker.pointee.writeProbabilities(
            outputs, network.specification, rows: rows, to: scores + start * classes)
        }
      }
      count = events * classes
    }
  }
}
