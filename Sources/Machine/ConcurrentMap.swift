import Dispatch

/// What `body` gives for each number below `count`, by all CPUs that this process may use, in the order of the numbers.
public func concurrentMap<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
  guard count > 1 else { return (0..<count).map(body) }
  var values = [Value?](repeating: nil, count: count)
  // SAFETY: iteration i writes value i alone, and all are done before the pointer ends.
  unsafe values.withUnsafeMutableBufferPointer { values in
    nonisolated(unsafe) let values = unsafe values
    DispatchQueue.concurrentPerform(iterations: count) { index in unsafe values[index] = body(index) }
  }
  return values.compactMap { $0 }
}
