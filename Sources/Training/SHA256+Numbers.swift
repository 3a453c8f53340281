extension SHA256 {
  /// Takes in numbers as they stand in memory (little-endian).
  mutating func update<Value: BitwiseCopyable>(bytesOf values: [Value]) {
    unsafe values.withUnsafeBytes { bytes in
      unsafe update(Span(_unsafeBytes: bytes))  // Only for numbers, which have no padding; read during the call alone.
    }
  }

  /// Ends the message; its digest in 64 hexadecimal digits, as `sha256sum` prints it.
  consuming func hexadecimal() -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
