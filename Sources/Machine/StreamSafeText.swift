extension String {
  /// As many combining marks, such as accents, may follow each other in the Stream-Safe Text Format (Unicode Standard
  /// Annex #15).
  public static let longestRunOfMarks = 30

  /// Whether no more than `longestRunOfMarks` combining marks follow each other.
  ///
  /// The time that Swift takes to compare or hash a string that is not stream-safe, or to find a character in it, can grow
  /// with the square of its length.
  public var isStreamSafe: Bool {
    var marks = 0
    for scalar in unicodeScalars {
      // U+0300 is the first of them.
      marks = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered ? marks + 1 : 0
      if marks > Self.longestRunOfMarks { return false }
    }
    return true
  }
}
