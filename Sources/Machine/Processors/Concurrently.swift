import Dispatch
import Synchronization

/// Calls `body` for each number below `count`, by all CPUs that this process may use, or that were lent to it (``ProcessorSet/lend(_:)``).
public func concurrently(_ count: Int, _ body: @Sendable (Int) -> Void) {
  guard count > 1 else { return (0..<count).forEach(body) }
  guard !LentProcessors.perform(count, body) else { return }
  DispatchQueue.concurrentPerform(iterations: count, execute: body)
}

/// The results of `body` for each number below `count`, in order: ``concurrently(_:_:)``.
public func concurrentMap<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
  var values = [Value?](repeating: nil, count: count)
  // SAFETY: call i writes value i alone, and all are done before the pointer ends.
  unsafe values.withUnsafeMutableBufferPointer { values in
    nonisolated(unsafe) let values = unsafe values
    concurrently(count) { index in unsafe values[index] = body(index) }
  }
  return values.compactMap { $0 }
}
