public import KernelOperands

/// images[i] ← the image of places.lowerBound + i, for every place; places lie in 0 ..< count.
///
/// Sixteen places at a time: a lone place would wait for one multiplication after the other.
public func findImages(
  _ permutation: FeistelPermutation, of places: Range<Int>, into images: UnsafeMutablePointer<Int>
) {
  unsafe permutation.findImages(of: places, images)
}

/// One half of sixteen places. Lanes 2i and 2i + 1 belong to places i and i + 8: taken as 64-bit words, the low parts are
/// those of places 0 to 7 and the high ones those of places 8 to 15.
private typealias Words32 = SIMD16<UInt32>
/// The same bits as 64-bit words, or one place per lane.
private typealias Words64 = SIMD8<UInt64>

extension FeistelPermutation {
  fileprivate func findImages(of places: Range<Int>, _ images: UnsafeMutablePointer<Int>) {
    var (high, low) = places.lowerBound.quotientAndRemainder(dividingBy: Int(width))
    var written = 0
    while written < places.count {
      let left = min(16, places.count &- written)
      if left < 4 || width < 16 {
        // The caller owns an image for every place.
        unsafe images[written] = image(of: places.lowerBound &+ written)
        written &+= 1
        low &+= 1
      } else {
        let (first, second) = imagesOfSixteen(UInt32(truncatingIfNeeded: high), UInt32(truncatingIfNeeded: low))
        let target = unsafe images + written
        if left == 16 {
          // An Int for every lane.
          unsafe UnsafeMutableRawPointer(target).storeBytes(of: first, as: Words64.self)
          unsafe UnsafeMutableRawPointer(target + 8).storeBytes(of: second, as: Words64.self)
        } else {
          for lane in 0..<left {
            unsafe target[lane] = Int(truncatingIfNeeded: lane < 8 ? first[lane] : second[lane - 8])
          }
        }
        // Few are outside: the walk goes on for them alone.
        let end = Words64(repeating: UInt64(truncatingIfNeeded: count))
        if any((first .>= end) .| (second .>= end)) {
          for lane in 0..<left {
            while unsafe target[lane] >= count { unsafe target[lane] = onceMore(target[lane]) }
          }
        }
        written &+= left
        low &+= left
      }
      if low >= Int(width) {
        low &-= Int(width)
        high &+= 1
      }
    }
  }

  /// The image of one place.
  private func image(of place: Int) -> Int {
    var image = onceMore(place)
    while image >= count { image = onceMore(image) }
    return image
  }

  /// The result of the eight rounds for one place; it may be outside 0 ..< count.
  private func onceMore(_ place: Int) -> Int {
    let (quotient, remainder) = place.quotientAndRemainder(dividingBy: Int(width))
    var (high, low) = (UInt32(truncatingIfNeeded: quotient), UInt32(truncatingIfNeeded: remainder))
    func move(_ half: inout UInt32, by other: UInt32, _ key: UInt32, modulus: UInt32) {
      var x = (other ^ key) &* 0x9E37_79B1
      x = (x ^ (x &>> 15)) &* 0x85EB_CA77
      let sum = half &+ UInt32(truncatingIfNeeded: (UInt64(x) &* UInt64(modulus)) &>> 32)
      half = min(sum, sum &- modulus)
    }
    for round in stride(from: 0, to: 8, by: 2) {
      move(&high, by: low, keys[round], modulus: height)
      move(&low, by: high, keys[round + 1], modulus: width)
    }
    return Int(high) &* Int(width) &+ Int(low)
  }

  /// The results of the eight rounds for the sixteen places from high · width + low on; width is at least 16.
  @inline(__always) private func imagesOfSixteen(_ firstHigh: UInt32, _ firstLow: UInt32) -> (Words64, Words64) {
    let unwrapped =
      Words32(repeating: firstLow) &+ Words32(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)
    var low = smaller(unwrapped, unwrapped &- Words32(repeating: width))
    // A mask is all ones where true: −1. Casts are between types of the same 64 bytes, of which every bit pattern is valid.
    var high = unsafe Words32(repeating: firstHigh) &- unsafeBitCast(low .!= unwrapped, to: Words32.self)
    let height = Words64(repeating: UInt64(self.height))
    let width = Words64(repeating: UInt64(self.width))
    for round in stride(from: 0, to: 8, by: 2) {
      move(&high, by: low, keys[round], modulus: height)
      move(&low, by: high, keys[round + 1], modulus: width)
    }
    let (highs, lows) = unsafe (unsafeBitCast(high, to: Words64.self), unsafeBitCast(low, to: Words64.self))
    return (lower(highs) &* width &+ lower(lows), (highs &>> 32) &* width &+ (lows &>> 32))
  }

  /// half ← (half + ⌊f(other, key) · modulus / 2³²⌋) mod modulus
  @inline(__always) private func move(_ half: inout Words32, by other: Words32, _ key: UInt32, modulus: Words64) {
    var x = (other ^ Words32(repeating: key)) &* Words32(repeating: 0x9E37_79B1)
    x = (x ^ (x &>> 15)) &* Words32(repeating: 0x85EB_CA77)
    // As above.
    let pairs = unsafe unsafeBitCast(x, to: Words64.self)
    let products = (
      (lower(pairs) &* lower(modulus)) &>> 32,
      ((pairs &>> 32) &* lower(modulus)) & Words64(repeating: 0xFFFF_FFFF_0000_0000)
    )
    let sum = unsafe half &+ unsafeBitCast(products.0 | products.1, to: Words32.self)
    // The smaller one is in range: a difference below zero wraps around to a large number.
    half = unsafe smaller(sum, sum &- unsafeBitCast(lower(modulus) | (modulus &<< 32), to: Words32.self))
  }

  /// Lane by lane the smaller word: the standard library's function of that kind is not inlined.
  @inline(__always) private func smaller(_ a: Words32, _ b: Words32) -> Words32 {
    var result = a
    for lane in 0..<Words32.scalarCount { result[lane] = min(a[lane], b[lane]) }
    return result
  }

  /// The lower 32 bits of each word.
  @inline(__always) private func lower(_ words: Words64) -> Words64 { words & Words64(repeating: 0xFFFF_FFFF) }
}
