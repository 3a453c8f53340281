import Machine

extension TextRows {
  /// The same as `read`, with all CPUs: the bytes are cut into pieces of about `pieceSize`, the pieces are read at the same
  /// time as far as they are plain, and then joined in their order. What is not plain in a piece, or does not fit, is read here.
  mutating func read(_ bytes: Span<UInt8>, at offset: Int, pieceSize: Int) throws(DataError) {
    guard bytes.count > 2 * pieceSize else { return try read(bytes, at: offset) }
    var pieces = pieces(of: bytes, size: pieceSize)
    if plainSeparator == nil {
      // What separates the values is not known yet.
      let first = pieces.removeFirst()
      try read(bytes.extracting(first), at: offset)
    }
    let start = pieces.first?.lowerBound ?? bytes.count
    guard let separator = plainSeparator else {
      return try read(bytes.extracting(start..<bytes.count), at: offset + start)
    }
    for (piece, run) in zip(pieces, plainRuns(of: bytes, in: pieces, separator: separator)) {
      let end = try append(run, at: offset, from: piece.lowerBound)
      try read(bytes.extracting(end..<piece.upperBound), at: offset + end)
    }
  }
}

/// Reads the plain beginnings of all `pieces`.
private func plainRuns(of bytes: Span<UInt8>, in pieces: [Range<Int>], separator: UInt8) -> [PlainRun] {
  // SAFETY: the bytes are only read, and all is done before the pointer ends.
  unsafe bytes.withUnsafeBufferPointer { bytes in
    nonisolated(unsafe) let bytes = unsafe bytes
    return concurrentMap(pieces.count) { piece in
      unsafe PlainRun(Span(_unsafeElements: bytes), in: pieces[piece], separator: separator)
    }
  }
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
