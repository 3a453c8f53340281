import Dispatch

extension TextRows {
  /// The same as `read`, with all CPUs: the bytes are cut into pieces of about `pieceSize`, the pieces are read at the same
  /// time as far as they are plain, and then joined in their order. What is not plain in a piece, or does not fit, is read here.
  mutating func read(
    _ bytes: Span<UInt8>, at offset: Int, isLast: Bool, pieceSize: Int
  ) throws(DataError) -> Int {
    guard bytes.count > 2 * pieceSize else { return try read(bytes, at: offset, isLast: isLast) }
    var pieces = pieces(of: bytes, size: pieceSize)
    if plainSeparator == nil {
      // What separates the values is not known yet, or there may be a header.
      let first = pieces.removeFirst()
      let consumed = try read(bytes.extracting(first), at: offset, isLast: false)
      if consumed > 0, consumed < first.count { return consumed }
      if consumed == 0 { return try read(bytes, at: offset, isLast: isLast) }
    }
    let start = pieces.first?.lowerBound ?? bytes.count
    guard let separator = plainSeparator else {
      return try start + read(bytes.extracting(start..<bytes.count), at: offset + start, isLast: isLast)
    }
    for (piece, run) in zip(pieces, plainRuns(of: bytes, in: pieces, separator: separator)) {
      let end = try append(run, at: offset, from: piece.lowerBound)
      _ = try read(bytes.extracting(end..<piece.upperBound), at: offset + end, isLast: false)
    }
    return bytes.count
  }
}

/// Reads the plain beginnings of all `pieces`.
private func plainRuns(of bytes: Span<UInt8>, in pieces: [Range<Int>], separator: UInt8) -> [PlainRun] {
  var runs = [PlainRun?](repeating: nil, count: pieces.count)
  // SAFETY: the bytes are only read, piece i writes run i alone, and all are done before the pointers end.
  unsafe bytes.withUnsafeBufferPointer { bytes in
    unsafe runs.withUnsafeMutableBufferPointer { runs in
      nonisolated(unsafe) let (bytes, runs) = unsafe (bytes, runs)
      DispatchQueue.concurrentPerform(iterations: pieces.count) { piece in
        let bytes = unsafe Span(_unsafeElements: bytes)
        unsafe runs[piece] = PlainRun(bytes, in: pieces[piece], separator: separator)
      }
    }
  }
  return runs.compactMap { $0 }
}

/// Cuts bytes that end between values into pieces of about `size` bytes that do the same.
private func pieces(of bytes: Span<UInt8>, size: Int) -> [Range<Int>] {
  var pieces: [Range<Int>] = []
  var start = 0
  while start < bytes.count {
    let rest = bytes.count - start
    let length = rest <= size ? rest : lengthOfCompleteValues(bytes.extracting(start..<start + size))
    // A word longer than a piece: no further cut.
    let end = length > 0 ? start + length : bytes.count
    pieces.append(start..<end)
    start = end
  }
  return pieces
}
