import Events
import Machine
import MPI
package import Results
package import RunFiles

/// Follows the monitored metric on the validation events: which epoch is the best, and whether to stop early.
///
/// All of it is a function of the values, which history.csv keeps to the bit: a resumed run reads them there, with the same or
/// other settings of early stopping.
package struct Monitor: Sendable {
  package let metric: Metric
  private let stopping: RunFile.MonitoringSection.EarlyStopping?
  /// The values of all complete epochs, in order; none without validation events.
  package private(set) var values: [Double] = []
  /// The best epoch, the first of equals; nil before there is a value that is a number.
  package private(set) var best: Best?
  /// The last epoch that was better than all before it by more than the user's margin: Keras' `EarlyStopping`.
  private var improved: (epoch: Int, value: Double?) = (0, nil)

  package init(_ monitoring: RunFile.MonitoringSection, values: [Double] = []) {
    metric = monitoring.monitor
    stopping = monitoring.earlyStopping
    for value in values { note(value) }
  }

  /// Takes in the value of the next epoch.
  package mutating func note(_ value: Double) {
    values.append(value)
    let epoch = values.count
    if metric.isBetter(value, than: best?.value) { best = Best(epoch: epoch, metric: metric, value: value) }
    if metric.isBetter(value, than: improved.value, by: stopping?.minDelta ?? 0) { improved = (epoch, value) }
  }

  /// Whether the metric has not improved for as many epochs as `patience` says.
  package var shouldStop: Bool { stopping.map { values.count - improved.epoch >= $0.patience } ?? false }

  /// Why the run stopped early, for a message.
  package var reason: String {
    let margin = stopping.flatMap { $0.minDelta > 0 ? " by more than \($0.minDelta)" : nil } ?? ""
    let comparison = metric.prefersSmaller ? "no smaller" : "no larger"
    if improved.epoch == 0 { return "validation \(metric.name) was never a number" }
    return "\(comparison) validation \(metric.name) than that of epoch \(improved.epoch)\(margin)"
  }
}

extension Monitor {
  /// Refuses a metric that cannot be computed on these validation events: no epoch would be the best one.
  ///
  /// - Throws: 65 for what goes by validation events where there are none, for the AUC where a class has none, and for a metric by
  ///   weights where those of a class's validation events add up to nothing or less.
  static func requireEvents(for training: RunFile.TrainingSection, _ events: EventStore) throws(AgreedFailure) {
    if let need = training.needOfValidation, events.validation.isEmpty {
      throw AgreedFailure(
        .badData, "training has \(need), which needs validation events, and there are none; change split")
    }
    let metric = training.monitoring.monitor
    try requireWeights(for: metric, events)
    let missing = zip(events.classNames, events.counts).filter { $0.1[.validation] == 0 }
    guard metric.needs == .scores, !missing.isEmpty else { return }
    let names = missing.prefix(10).map { "\(Console.tableName($0.0)) (\(counted($0.1.total, "event")))" }
    throw AgreedFailure(
      .badData,
      "training.monitor: \(metric.name) needs validation events of every class, and there are none of "
        + "\(names.joined(separator: ", "))\(missing.count > 10 ? ", …" : ""); use more events, raise split.validation or "
        + "monitor another metric")
  }

  /// Weights of both signs may cancel: a loss by such weights is smallest where the model is worst.
  private static func requireWeights(for metric: Metric, _ events: EventStore) throws(AgreedFailure) {
    guard metric.usesWeights, events.header.hasMonitorWeights, !events.validation.isEmpty else { return }
    var sums = [Double](repeating: 0, count: events.classNames.count)
    for row in events.validation { sums[events.label(ofRow: row)] += Double(events.weight(ofRow: row, .monitor)) }
    for (index, sum) in sums.enumerated() where sum <= 0 && events.counts[index][.validation] > 0 {
      throw AgreedFailure(
        .badData,
        "training.monitor: \(metric.name) counts validation events by their weights, which for class "
          + "\(Console.tableName(events.classNames[index])) add up to zero or less; use more events, raise split.validation or "
          + "monitor accuracy")
    }
  }
}
