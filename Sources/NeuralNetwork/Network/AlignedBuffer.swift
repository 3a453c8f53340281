import Machine

/// A fixed number of zero-initialised values at a 64-byte boundary, the width of a cache line and of the widest vector.
///
/// Owns its memory: created once, never copied, freed at the end of its life.
///
/// Kernels write through ``pointer``, also where the buffer is a `let`: several threads write disjoint ranges of one buffer at the
/// same time, which exclusive access to the buffer would forbid. Hence `@unchecked Sendable`: whoever uses the pointer keeps
/// the threads apart, as ``ThreadTeam`` does with its indices and ``GradientEngine`` with a worker per thread.
@safe
public struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  /// The first value; it lives as long as the buffer.
  let pointer: UnsafeMutablePointer<Element>
  public let count: Int

  /// `count` values whose bytes are all zero.
  public init(count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    // The memory is zeroed below before anyone can see it; deinit frees it.
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    unsafe pointer = raw.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { unsafe UnsafeMutableRawPointer(pointer).deallocate() }

  public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "value \(index) of \(count)")
      return unsafe pointer[index]
    }
    set {
      precondition(index >= 0 && index < count, "value \(index) of \(count)")
      unsafe pointer[index] = newValue
    }
  }

  /// Lets `body` read all values at once.
  public borrowing func withSpan<Result, Failure: Error>(
    _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe Span(_unsafeStart: pointer, count: count))  // The buffer outlives the call.
  }

  /// Lets `body` change all values at once.
  public mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var span = unsafe MutableSpan(_unsafeStart: pointer, count: count)  // Exclusive, and the buffer outlives the call.
    return try body(&span)
  }

  /// Whether `condition` holds for every value.
  public func allSatisfy(_ condition: (Element) -> Bool) -> Bool {
    withSpan { values in values.indices.allSatisfy { condition(values[$0]) } }
  }

  public var array: [Element] { unsafe Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
