/// A number with its statistical error, the standard deviation over the replicas of a bootstrap.
package struct Figure: Equatable, Sendable {
  /// NaN where it is not defined.
  package var value: Double
  /// nil without replicas, or where too few of them define the figure.
  package var error: Double?

  package init(_ value: Double, error: Double? = nil) { (self.value, self.error) = (value, error) }

  /// The difference of two of other events.
  package static func - (first: Figure, second: Figure) -> Figure {
    let errors = [first.error, second.error].compactMap { $0 }
    return Figure(
      first.value - second.value,
      error: errors.count == 2 ? (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot() : nil)
  }
}

/// A number of a sample, and the same of each replica of it.
struct Replicated: Sendable {
  var value: Double
  var replicas: [Double]

  init(_ value: Double, replicas: [Double]) { (self.value, self.replicas) = (value, replicas) }

  /// The mean of several.
  init(meanOf parts: [Replicated]) {
    func mean(_ values: some Sequence<Double>) -> Double { values.compensatedSum / Double(parts.count) }
    value = mean(parts.map(\.value))
    replicas = (parts.first?.replicas ?? []).indices.map { replica in mean(parts.map { $0.replicas[replica] }) }
  }

  /// With the standard deviation of the replicas, of which those that are finite count if they are more than half.
  var figure: Figure {
    let finite = replicas.filter(\.isFinite)
    guard value.isFinite, finite.count >= 2, 2 * finite.count > replicas.count else { return Figure(value) }
    let mean = finite.compensatedSum / Double(finite.count)
    let squares = finite.map { ($0 - mean) * ($0 - mean) }.compensatedSum
    return Figure(value, error: (squares / Double(finite.count - 1)).squareRoot())
  }
}

extension Figure: Encodable {
  private enum CodingKeys: String, CodingKey { case value, error }

  /// JSON has neither NaN nor infinity: null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value.isFinite ? value : nil, forKey: .value)
    try container.encode(error, forKey: .error)
  }
}
