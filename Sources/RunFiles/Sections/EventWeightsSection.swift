package import Events

extension RunFile {
  /// The section `training.event_weights`: how the weights of the events count in the training.
  package struct EventWeightsSection: Equatable, Sendable, Codable {
    /// Whether they count at all. Default: true, which changes nothing where no event has a weight.
    package var use: Bool
    /// How negative weights are used. Default: absolute.
    package var negative: NegativeWeights
    /// With ``NegativeWeights/keep``: the probability of its own class below which an event of negative weight counts like one of
    /// this probability, and has no gradient. Above 0 and below 1. Default: 10⁻⁶.
    package var clip: Double

    /// The probability for the objective; nil where no event has a negative weight in the training.
    package var negativeClip: Double? { use && negative == .keep ? clip : nil }
  }
}

extension RunFile.EventWeightsSection {
  /// Below this, −ln of the probability is no float32 of full precision.
  private static let smallestClip = 1e-37

  init(_ section: RunFileSection) {
    use = section["use"]?.boolean() ?? true
    negative = section["negative"]?.choice() ?? .absolute
    clip = section["clip"]?.number(.halfOpen(Self.smallestClip, 1)) ?? 1e-6
  }

  /// The section as part of `training`.
  var yaml: String { "{use: \(use), negative: \(negative.rawValue), clip: \(clip.yaml)}" }
}
