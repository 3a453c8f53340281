#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension [Float] {
  /// Makes room for `count` values in huge pages where the system has them.
  mutating func reserveHugePages(_ count: Int) {
    reserveCapacity(count)
    let capacity = capacity
    // SAFETY: the room behind the values belongs to the array as well.
    unsafe withUnsafeMutableBufferPointer { values in
      guard let start = values.baseAddress else { return }
      unsafe preferHugePages(UnsafeMutableBufferPointer(start: start, count: capacity))
    }
  }
}

/// Asks for huge pages behind `values` if they are many: a page fault per 4 KiB takes longer than what is copied there.
func preferHugePages(_ values: UnsafeMutableBufferPointer<Float>) {
  #if os(Linux)
    let size = values.count * MemoryLayout<Float>.stride
    guard size >= 1 << 23, let start = values.baseAddress else { return }
    let first = unsafe UnsafeMutableRawPointer(start).alignedUp(toMultipleOf: 4096)
    // SAFETY: madvise(2) only says which pages to prefer, and these lie in the memory of the values.
    _ = unsafe madvise(first, size - 4096, MADV_HUGEPAGE)
  #endif
}
