/// The kind of quantity that the name of a feature states; nil if the name is not clear, since checks do not guess.
package enum Quantity: Equatable, Sendable {
  /// A momentum, mass or energy: non-negative, with a unit.
  case energy
  case pseudorapidity
  case azimuth
  /// A tagger score between 0 and 1.
  case score

  private static let energies: Set<String> = [
    "pt", "et", "ht", "met", "mt", "mass", "energy", "e", "m", "p", "mjj", "mbb", "mll", "mtt", "minv",
  ]
  private static let azimuths: Set<String> = ["phi", "dphi", "deltaphi"]
  private static let scores: Set<String> = ["btag", "ctag", "score", "prob", "probability", "pnet", "csvv"]
  private static let taggers = ["deepb", "deepjet", "deepcsv", "deepflav", "btag"]
  /// Words that turn it into another quantity.
  private static let others: Set<String> = [
    "ratio", "frac", "fraction", "over", "rel", "log", "ln", "log10", "norm", "scaled", "asym", "asymmetry", "balance",
    "imbalance", "res", "resolution", "pull", "sig", "significance", "diff", "delta", "d", "err", "error", "unc", "sin",
    "cos",
    "sinphi", "cosphi", "sq", "squared", "n", "num", "count", "idx", "index", "x", "y", "z", "px", "py", "pz", "abs",
    "weight", "corr", "sf", "logit", "raw", "wp",
  ]

  /// Decides by the words in the name, the more specific ones first: `met_phi` is an angle.
  package init?(ofFeature name: String) {
    let words = Self.words(of: name)
    guard !words.isEmpty else { return nil }
    // m2 is a squared mass; pt2 is the second momentum.
    let isSquared = zip(words, words.dropFirst()).contains { ["m", "mass"].contains($0) && $1 == "2" }
    let isCount = words.contains {
      $0.first == "n" && (Self.scores.contains(String($0.dropFirst())) || $0.hasPrefix("nbtag"))
    }
    let isOther = isSquared || isCount || words.contains(where: Self.others.contains)
    let joined = words.joined()
    // A single letter counts only next to the name of an object, as in lep_e.
    let isOfAnObject = words.contains { $0.count > 1 && $0.first?.isLetter == true }
    if words.contains("eta"), !isOther {
      self = .pseudorapidity
    } else if words.contains(where: Self.azimuths.contains),
      !words.contains(where: { $0.hasPrefix("cos") || $0.hasPrefix("sin") }),
      !words.contains("abs")
    {
      self = .azimuth
    } else if isOther || words.contains("eta") {
      return nil
    } else if words.contains(where: Self.scores.contains) || Self.taggers.contains(where: joined.contains) {
      self = .score
    } else if words.contains(where: { Self.energies.contains($0) && ($0.count > 1 || isOfAnObject) }) {
      self = .energy
    } else {
      return nil
    }
  }

  /// The words of `Jet1_btagDeepB`: jet, btag, deep, b. Digits after a word number the object and are not part of the word.
  package static func words(of name: String) -> [String] {
    var (words, word, wasLower) = ([String](), "", false)
    func end() {
      if !word.isEmpty { words.append(word.lowercased()) }
      (word, wasLower) = ("", false)
    }
    for character in name {
      if character.isASCII, character.isLetter {
        if character.isUppercase, wasLower { end() }
        if let last = word.last, last.isNumber { end() }
        word.append(character)
        wasLower = character.isLowercase
      } else if character.isASCII, character.isNumber {
        if let last = word.last, !last.isNumber { end() }
        word.append(character)
      } else {
        end()
      }
    }
    end()
    return words
  }
}
