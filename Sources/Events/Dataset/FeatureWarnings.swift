import Machine

/// What users should know of the features of their training events.
public struct FeatureWarnings: Sendable {
  private(set) var findings: [Finding] = []

  /// One line each.
  var lines: [String] { findings.map(\.line) }

  /// float32 has a relative precision of 2⁻²⁴: values that spread over fewer of its steps than this are visibly discrete.
  private static let fewestSteps = 4096.0
  /// The fraction of events without a value from which they are reported.
  public static let leastShare = 0.005

  /// `sample`: (events, features), NaN where they are missing. The last features may be flags, which say what is missing.
  init(names: [String], flags: Int = 0, _ moments: FeatureMoments, sample: [Float]) {
    guard moments.count > 0 else { return }
    for (feature, name) in names.dropLast(flags).enumerated() where moments.counts[feature] > 0 {
      if let finding = Self.precision(name, mean: moments.mean[feature], deviation: moments.deviation(feature)) {
        findings.append(finding)
      }
    }
    let columns = concurrentMap(names.count) { feature in
      Spike.all(
        in: stride(from: feature, to: sample.count, by: names.count).map { sample[$0] }.filter { !$0.isNaN }.sorted())
    }
    for (name, spikes) in zip(names, columns) {
      for spike in spikes where spike.share >= Self.leastShare {
        findings.append(
          Finding(
            .warning, "sentinel", feature: name,
            what:
              "about \(decimals(100 * spike.share, 1)) % of the events have \(name.quoted) = \(shown(spike.value)), far "
              + "from all other values",
            advice:
              "if it means a missing value, list it in data.missing, or exclude these events with data.selection")
        )
      }
    }
  }

  /// A feature that float32 cannot represent well.
  private static func precision(_ name: String, mean: Double, deviation: Double) -> Finding? {
    func finding(_ code: String, _ what: String, _ advice: String) -> Finding {
      Finding(.warning, code, feature: name, what: what, advice: advice)
    }
    let size = Float(mean).magnitude
    let step = Double(size.ulp)
    if deviation == 0, mean == 0 {
      return finding(
        "constant", "feature \(name.quoted) is 0 in every training event, in float32",
        "if its values differ in the file, they are below 1e-45: multiply them (data.transform: {scale: …}), or remove the "
          + "feature"
      )
    }
    guard deviation > 0 else {
      return finding(
        "constant",
        "feature \(name.quoted) has the same float32 value, \(shown(Float(mean))), in every training event",
        "if its values differ in the file, by less than \(shown(Float(step))), subtract a number near "
          + "them (data.transform: {offset: …}), or remove the feature")
    }
    if max(mean.magnitude, deviation) < fewestSteps * Double(Float.leastNormalMagnitude) {
      return finding(
        "float32-range",
        "the values of feature \(name.quoted) are of order \(shown(Float(max(mean.magnitude, deviation)))), where float32 "
          + "loses digits", "multiply them by a factor (data.transform: {scale: …})")
    }
    guard deviation < fewestSteps * step else { return nil }
    return finding(
      "float32-precision",
      "float32 is too coarse for feature \(name.quoted): its values spread by \(shown(Float(deviation))) around "
        + "\(shown(Float(mean))), where float32 has steps of \(shown(Float(step)))",
      "subtract a number near them, in double precision (data.transform: {offset: …})")
  }
}

private func shown(_ value: Float) -> String {
  value.magnitude < 1e9 && Float(Int(value)) == value ? "\(Int(value))" : "\(value)"
}

/// A value at an end of a feature's range, shared by many events and far from all others.
public struct Spike: Sendable {
  public let value: Float
  /// The number of events, and their fraction.
  public let events: Int
  public let share: Double

  /// Numbers commonly used for missing values in high-energy physics.
  private static let usual: Set<Float> = Set(
    [99, 999, 9999, 99999, 999_999, 1000, 10000, 100_000, 1e10, 1e20, 1e30].flatMap { [$0, -$0] })

  /// The spikes of values in ascending order, from the ends inwards: a feature may have several numbers for missing values.
  public static func all(in values: [Float]) -> [Spike] {
    var (rest, spikes) = (values, [Spike]())
    while spikes.count < 3, let spike = Spike(rest) {
      let before = rest.count
      rest.removeAll { $0 == spike.value }
      spikes.append(
        Spike(
          value: spike.value, events: before - rest.count, share: Double(before - rest.count) / Double(values.count)))
    }
    return spikes
  }

  private init(value: Float, events: Int, share: Double) {
    (self.value, self.events, self.share) = (value, events, share)
  }

  /// Looks at values in rising order.
  init?(_ values: [Float]) {
    guard let first = values.first, let last = values.last, first < last else { return nil }
    let low = values.prefix { $0 == first }.count
    let high = values.reversed().prefix { $0 == last }.count
    for (value, count, rest) in [(first, low, values[low...]), (last, high, values[..<(values.count - high)])] {
      guard count > 1, let lowest = rest.first, let highest = rest.last else { continue }
      let gap = Double(value == first ? lowest - value : value - highest)
      let range = Double(highest - lowest)
      // A common placeholder, separated from the others by half their range or of another sign; any other number must be much
      // further away.
      let isAlone = value < 0 ? lowest >= 0 : highest <= 0
      guard
        Self.usual.contains(value)
          ? gap > 0.5 * range && range > 0 || isAlone && gap > 50 : gap > 10 * range && range > 0
      else { continue }
      self.value = value
      events = count
      share = Double(count) / Double(values.count)
      return
    }
    return nil
  }
}
