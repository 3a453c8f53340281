package import Results

extension RunFile {
  /// The keys of the section `training` that say what is evaluated after each epoch, and what follows from it.
  package struct MonitoringSection: Equatable, Sendable, Codable {
    /// When to end before the last epoch.
    package struct EarlyStopping: Equatable, Sendable, Codable {
      /// Epochs without an improvement after which the training ends, 1 to 10⁹.
      package var patience: Int
      /// What an improvement must exceed, 0 or more. Default: 0.
      package var minDelta: Double
    }

    /// The metrics. Default: loss, accuracy, auc.
    package var metrics: [Metric]
    /// The one of them that decides on validation events which epoch is the best, and when to end. Default: loss.
    package var monitor: Metric
    /// nil: it never ends early. Default: nil.
    package var earlyStopping: EarlyStopping?
  }
}

extension RunFile.MonitoringSection {
  /// The keys are those of `training` itself.
  init(_ section: RunFileSection) {
    earlyStopping = section["early_stopping"].flatMap { $0.isNull ? nil : $0.section(EarlyStopping.init(_:)) }
    var others = Set<String>()
    metrics = section["metrics"]?.list { $0.metric(unlike: &others) } ?? Self.defaultMetrics
    monitor = section["monitor"]?.metric() ?? .loss
    if !metrics.contains(monitor) {
      section.report("monitor", "is '\(monitor.name)', which is not among training.metrics; add it there")
    }
  }

  private static let defaultMetrics: [Metric] = [.loss, .accuracy, .auc]

  /// The lines as part of `training`.
  var yaml: String {
    let stopping = earlyStopping.map { "{patience: \($0.patience), min_delta: \($0.minDelta.yaml)}" }
    return """
        early_stopping: \(stopping ?? "null")
        metrics: [\(metrics.map(\.name).joined(separator: ", "))]
        monitor: \(monitor.name)
      """
  }
}

extension RunFile.MonitoringSection.EarlyStopping {
  fileprivate init(_ section: RunFileSection) {
    patience = section["patience"]?.count() ?? section.missing("patience", example: "10", 1)
    minDelta = section["min_delta"]?.number(.atLeast(0)) ?? 0
  }
}

extension RunFileValue {
  /// The metric of this name.
  fileprivate func metric() -> Metric? {
    let names = Metric.all.map(\.name)
    guard let name = text() else { return nil }
    return Metric(named: name) ?? wrong(names.joined(separator: " or "), names: names)
  }

  /// A metric that is not in `others` yet; adds it.
  fileprivate func metric(unlike others: inout Set<String>) -> Metric? {
    text(unlike: &others).flatMap { _ in metric() }
  }
}
