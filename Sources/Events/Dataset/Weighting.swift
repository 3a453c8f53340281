/// Where the weights of events come from, and how they count in a training.
///
/// The physics weight of an event is w = scale of its process × product of the weight columns × its number in the weight file,
/// computed in double precision and rounded once to float32. Its training weight is t = m(w) · c, its monitor weight v = w · c,
/// with the class factor c and m by ``negative``; without ``isUsed``, both are c.
public struct Weighting: Equatable, Sendable {
  /// Another product of columns, which replaces that of ``columns`` and the weight file; the scale stays.
  public struct Variation: Codable, Equatable, Sendable {
    public var name: String
    public var columns: [String]

    public init(name: String, columns: [String]) { (self.name, self.columns) = (name, columns) }
  }

  public var columns: [String]
  public var variations: [Variation]
  /// Whether the training uses the weights.
  public var isUsed: Bool
  public var negative: NegativeWeights
  public var share: ProcessShare

  public init(
    columns: [String] = [], variations: [Variation] = [], isUsed: Bool = true, negative: NegativeWeights = .absolute,
    share: ProcessShare = .weight
  ) {
    self.columns = columns
    self.variations = variations
    self.isUsed = isUsed
    self.negative = negative
    self.share = share
  }

  /// The columns that are read, each once.
  public var numbers: [String] {
    var seen = Set<String>()
    return (columns + variations.flatMap(\.columns)).filter { seen.insert($0).inserted }
  }
}

/// Which weights of its events a block gets.
public enum WeightKind: Sendable {
  /// t, which gradients are made with.
  case training
  /// v, which losses and metrics are made with: signed.
  case monitor
}
