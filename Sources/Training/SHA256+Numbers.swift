extension SHA256 {
  /// Takes in numbers as they stand in memory (little-endian).
  mutating func update<Value: BitwiseCopyable>(bytesOf values: [Value]) {
    update(bytesOf: values.span)
  }

  /// Takes in numbers as they stand in memory (little-endian).
  mutating func update<Value: BitwiseCopyable>(bytesOf values: Span<Value>) {
    unsafe values.withUnsafeBytes { bytes in
      unsafe update(Span(_unsafeBytes: bytes))  // Only for numbers, which have no padding; read during the call alone.
    }
  }
}
