/// Asks for huge pages behind `memory` where the system has them: a page fault per 4 KiB takes longer than what is copied
/// there, and fewer rows that are read in any order need a page walk.
///
/// The corresponding C function is `madvise`.
public func preferHugePages(_ memory: UnsafeMutableRawBufferPointer) {
  #if os(Linux)
    guard let start = memory.baseAddress else { return }
    let first = unsafe start.alignedUp(toMultipleOf: 4096)
    let skipped = unsafe first - start
    guard memory.count > skipped else { return }
    // Says which whole pages of this memory to prefer, no more; where there are none, nothing changes.
    _ = unsafe madvise(first, (memory.count - skipped) & ~4095, MADV_HUGEPAGE)
  #endif
}

extension Array where Element: BitwiseCopyable {
  /// Makes room for `count` values, in huge pages if they are many; throws if there is none.
  ///
  /// The values move when the room grows, so for a moment both are there.
  public mutating func reserveHugePages(_ count: Int, orThrow demand: String) throws(Failure) {
    let bytes = Double(MemoryLayout<Element>.stride) * Double(count)
    // For small sizes, the check takes longer than the allocation.
    if bytes > 0x1p24 {
      try MemoryBounds().require(
        bytes, demand: demand, exitCode: .inputOutput, advice: "ask for more memory, or use fewer events or features")
    }
    reserveHugePages(count)
  }

  /// Makes room for `count` values, in huge pages if they are many.
  public mutating func reserveHugePages(_ count: Int) {
    reserveCapacity(count)
    let capacity = capacity
    // The room behind the values belongs to the array as well.
    unsafe withUnsafeMutableBufferPointer { values in
      unsafe preferHugePages(ifMany: UnsafeMutableBufferPointer(start: values.baseAddress, count: capacity))
    }
  }
}

/// Asks for huge pages behind `values` if they take 8 MiB or more.
public func preferHugePages(ifMany values: UnsafeMutableBufferPointer<some BitwiseCopyable>) {
  let bytes = UnsafeMutableRawBufferPointer(values)
  if bytes.count >= 1 << 23 { unsafe preferHugePages(bytes) }
}
