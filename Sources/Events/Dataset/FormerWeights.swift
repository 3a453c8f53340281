/// The class factors and mean weights of an earlier training, with which other events are evaluated.
public struct FormerWeights: Codable, Equatable, Sendable {
  public var factors: ClassFactors
  /// The physics weights that the factors were made for are in units of 2^`unit`; nil where they did not count.
  public var unit: Int?
  /// t̄ and v̄.
  public var mean: Double
  public var monitorMean: Double

  private enum CodingKeys: String, CodingKey {
    case factors, unit, mean
    case monitorMean = "monitor_mean"
  }

  public init(factors: ClassFactors, unit: Int?, mean: Double, monitorMean: Double) {
    self.factors = factors
    self.unit = unit
    self.mean = mean
    self.monitorMean = monitorMean
  }

  /// Those of a store; nil where its weights are those of its classes.
  public init?(_ header: EventStore.Header) {
    guard header.hasMonitorWeights else { return nil }
    self.init(
      factors: ClassFactors(classes: header.classWeights, processes: header.processes.map(\.factors)),
      unit: header.usesWeights ? header.weights.first { $0.kind == .nominal }?.unit : nil, mean: header.meanWeight,
      monitorMean: header.meanMonitorWeight)
  }

  /// Whether these are consistent with a training with this many classes, for weights from an untrusted file.
  public func isSound(classes count: Int) -> Bool {
    let isSound = { (factors: [Float]) in factors.count == count && factors.allSatisfy { $0 > 0 && $0.isFinite } }
    return isSound(factors.classes) && factors.processes.allSatisfy(isSound) && mean > 0 && mean.isFinite
      && monitorMean > 0 && monitorMean.isFinite && abs(unit ?? 0) <= 2000
  }
}
