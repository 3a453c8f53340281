/// A column read in double precision, besides the features.
public struct NumberColumn: Equatable, Sendable {
  /// The name of the column.
  public var name: String
  /// The key of the run file that requests it, for messages.
  public var key: String
  /// Whether a value may be missing: NaN in an array; in text nothing, or one of the words that pandas writes or reads for it (nan, NaN, NA,
  /// N/A, <NA>, null, None, in letters of any case). It is given as NaN. Infinite values are refused all the same.
  public var allowsNaN: Bool

  /// A column with weights, unless `key` says otherwise.
  public init(_ name: String, key: String = EventRequest.weightKey, allowsNaN: Bool = false) {
    (self.name, self.key, self.allowsNaN) = (name, key, allowsNaN)
  }
}

extension NumberColumn: ExpressibleByStringLiteral {
  /// A column with weights.
  public init(stringLiteral name: String) { self.init(name) }
}

extension NumberColumn {
  /// Advice for a non-finite value.
  var nonFiniteAdvice: String {
    key == EventRequest.weightKey ? nonFiniteWeightAdvice : Events.nonFiniteAdvice
  }
}

/// Whether a word of a text file means a missing value.
func isMissing(_ word: Span<UInt8>) -> Bool {
  var start = 0
  if word.count > 0, word[0] == Byte.plus || word[0] == Byte.minus { start = 1 }
  // Eight letters at most, in lower case, the first one lowest.
  var letters: UInt64 = 0
  for index in start..<min(word.count, start + 8) {
    let byte = word[index]
    letters |= UInt64(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) << UInt64(8 * (index - start))
  }
  if word.count - start <= 8, missingWords.contains(letters) { return start < word.count || start == 0 }
  // `nan(…)` of the C library.
  return letters & 0xFFFF_FFFF == packed("nan(")
}

/// The infinity that a word of a text stands for, or that a number beyond the range of a double becomes; nil for any other word.
func infinity(_ word: Span<UInt8>) -> Double? {
  var end = 0
  let isTooLarge = parseDouble(word, from: &end).isInfinite && isEndOfNumber(word, at: end)
  guard isTooLarge || isNotFinite(text(word)) else { return nil }
  return word.count > 0 && word[0] == Byte.minus ? -.infinity : .infinity
}

private let missingWords = ["nan", "", "na", "n/a", "<na>", "null", "none", "1.#qnan", "1.#snan", "1.#ind"].map(packed)

private func packed(_ word: String) -> UInt64 { word.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
