import Machine

/// The SHA-256 digest of FIPS 180-4 (NIST, "Secure Hash Standard", 2015, section 6.2), fed piece by piece.
///
/// It detects damaged files. It is ours because a cryptography package would compile for
/// minutes to give this one function.
public struct SHA256: Sendable {
  /// The hash value H of section 6.2.2, a … h in lanes 0 … 7; the start is section 5.3.3.
  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  /// The start of a block that is not full yet, in its first `byteCount % 64` bytes.
  private var pending = InlineArray<64, UInt8>(repeating: 0)
  private var byteCount = 0

  /// A digest of nothing so far.
  public init() {}

  /// Takes in the next `bytes` of the message; how a message is cut into calls does not matter.
  ///
  /// Complexity: O(*n*), without an allocation.
  public mutating func update(_ bytes: Span<UInt8>) {
    var offset = 0
    let filled = byteCount % 64
    byteCount += bytes.count
    if filled > 0 {
      offset = min(64 - filled, bytes.count)
      keep(bytes.extracting(first: offset), at: filled)
      guard filled + offset == 64 else { return }
      let block = pending
      compress(block.span)
    }
    while bytes.count - offset >= 64 {
      compress(bytes.extracting(offset..<(offset + 64)))
      offset += 64
    }
    keep(bytes.extracting(offset..<bytes.count), at: 0)
  }

  /// Ends the message and returns its digest of 32 bytes. Nothing may be added afterwards.
  public consuming func finalize() -> [UInt8] {
    // Section 5.1.1: a one bit, zeros up to the last 8 bytes of a block, the length of the message in bits.
    var padding: [UInt8] = [0x80]
    padding += repeatElement(0, count: (119 - byteCount % 64) % 64)
    padding.append(bytesOf: [(UInt64(byteCount) * 8).bigEndian])
    update(padding.span)
    var digest: [UInt8] = []
    digest.append(bytesOf: state.indices.map { state[$0].bigEndian })
    return digest
  }

  /// The digest of `bytes`.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes.span)
    return hash.finalize()
  }

  /// The digest of `bytes` in 64 lower-case hexadecimal digits, as `sha256sum` prints it.
  public static func hexDigest(of bytes: Span<UInt8>) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize().hexadecimal
  }

  private mutating func keep(_ bytes: Span<UInt8>, at start: Int) {
    for index in 0..<bytes.count { pending[start + index] = bytes[index] }
  }

  /// Section 6.2.2: one block of 64 bytes.
  private mutating func compress(_ block: Span<UInt8>) {
    // The message schedule with the constant of each round added.
    var w = InlineArray<64, UInt32>(repeating: 0)
    for t in 0..<16 {
      let word = block.extracting((4 * t)..<(4 * t + 4))
      w[t] = UInt32(word[0]) &<< 24 | UInt32(word[1]) &<< 16 | UInt32(word[2]) &<< 8 | UInt32(word[3])
    }
    for t in 16..<64 {
      let sigma0 = Self.rotate(w[t - 15], 7) ^ Self.rotate(w[t - 15], 18) ^ (w[t - 15] &>> 3)
      let sigma1 = Self.rotate(w[t - 2], 17) ^ Self.rotate(w[t - 2], 19) ^ (w[t - 2] &>> 10)
      w[t] = sigma1 &+ w[t - 7] &+ sigma0 &+ w[t - 16]
    }
    for t in 0..<64 { w[t] &+= Self.constants[t] }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    // Eight rounds at a time bring every variable back to its place, so that none is ever moved.
    for t in stride(from: 0, to: 64, by: 8) {
      Self.round(a, b, c, &d, e, f, g, &h, w[t])
      Self.round(h, a, b, &c, d, e, f, &g, w[t &+ 1])
      Self.round(g, h, a, &b, c, d, e, &f, w[t &+ 2])
      Self.round(f, g, h, &a, b, c, d, &e, w[t &+ 3])
      Self.round(e, f, g, &h, a, b, c, &d, w[t &+ 4])
      Self.round(d, e, f, &g, h, a, b, &c, w[t &+ 5])
      Self.round(c, d, e, &f, g, h, a, &b, w[t &+ 6])
      Self.round(b, c, d, &e, f, g, h, &a, w[t &+ 7])
    }
    state = state &+ SIMD8(a, b, c, d, e, f, g, h)
  }

  /// One round, `word` being K + W: what the standard then calls e is left in `d`, and a in `h`.
  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
    _ h: inout UInt32, _ word: UInt32
  ) {
    let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let t1 = h &+ sum1 &+ ((e & f) ^ (~e & g)) &+ word
    let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    d = d &+ t1
    h = t1 &+ sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    (word &>> count) | (word &<< (32 &- count))
  }

  /// Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: InlineArray<64, UInt32> = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
