#if !_endian(little)
  #error("Files of a run hold little-endian numbers, which are copied as they are in memory.")
#endif

extension [UInt8] {
  /// Appends the bytes of `values`, little-endian.
  public mutating func append<Value: BitwiseCopyable>(bytesOf values: [Value]) {
    // Only for numbers, which have no padding: every byte is initialised.
    unsafe values.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}

extension Array where Element: BitwiseCopyable {
  /// The numbers that `bytes` are, little-endian; the last few bytes are ignored where they are no whole number.
  public init(littleEndian bytes: ArraySlice<UInt8>) {
    let count = bytes.count / MemoryLayout<Element>.size
    // The bytes are those of plain numbers, and exactly `count` of them are copied into room for `count`.
    unsafe self.init(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      unsafe bytes.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source.prefix(count * MemoryLayout<Element>.size)))
      }
      initializedCount = count
    }
  }
}
