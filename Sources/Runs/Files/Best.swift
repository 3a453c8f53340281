package import Results

/// The best epoch so far by the monitored metric on the validation events.
package struct Best: Equatable, Sendable {
  package var epoch: Int
  /// The monitored metric.
  package var metric: Metric
  /// Its value at that epoch.
  package var value: Double

  package init(epoch: Int, metric: Metric = .loss, value: Double) {
    self.epoch = epoch
    self.metric = metric
    self.value = value
  }
}

extension Best: Codable {
  /// As in checkpoints: the epoch, and the value under the name of its metric.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: TextKey.self)
    try container.encode(epoch, forKey: TextKey("epoch"))
    try container.encode(value, forKey: TextKey(metric.name))
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: TextKey.self)
    epoch = try container.decode(Int.self, forKey: TextKey("epoch"))
    // With an unknown one, decoding the loss fails.
    metric = container.allKeys.compactMap { Metric(named: $0.stringValue) }.first ?? .loss
    value = try container.decode(Double.self, forKey: TextKey(metric.name))
  }
}
