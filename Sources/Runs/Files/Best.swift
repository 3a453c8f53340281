import Results

/// The best epoch so far by the monitored metric on the validation events.
package struct Best: Equatable, Sendable {
  package var epoch: Int
  /// The value of the monitored metric then.
  package var value: Double

  package init(epoch: Int, value: Double) {
    self.epoch = epoch
    self.value = value
  }

  /// The best epoch once an epoch with these values is over.
  init?(_ epoch: Int, _ validation: MetricValues, after best: Best?) {
    if Metric.monitored.isBetter(validation.monitored, than: best?.value) {
      self.init(epoch: epoch, value: validation.monitored)
    } else if let best {
      self = best
    } else {
      return nil
    }
  }
}

extension Best: Codable {
  /// As in checkpoints: the epoch, and the value under the name of its metric.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: TextKey.self)
    try container.encode(epoch, forKey: TextKey("epoch"))
    try container.encode(value, forKey: TextKey(Metric.monitored.name))
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: TextKey.self)
    epoch = try container.decode(Int.self, forKey: TextKey("epoch"))
    value = try container.decode(Double.self, forKey: TextKey(Metric.monitored.name))
  }
}
