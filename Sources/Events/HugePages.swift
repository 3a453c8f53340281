#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension [Float] {
  /// Makes room for `count` values in huge pages where the system has them: a page fault per 4 KiB takes longer than what is
  /// copied there.
  mutating func reserveHugePages(_ count: Int) {
    reserveCapacity(count)
    #if os(Linux)
      let size = capacity * MemoryLayout<Float>.stride
      guard size >= 1 << 23 else { return }
      // SAFETY: madvise(2) only says which pages to prefer, and those asked for lie in the array's own memory.
      unsafe withUnsafeMutableBufferPointer { values in
        guard let start = values.baseAddress else { return }
        let first = unsafe UnsafeMutableRawPointer(start).alignedUp(toMultipleOf: 4096)
        _ = unsafe madvise(first, size - 4096, MADV_HUGEPAGE)
      }
    #endif
  }
}
