import Machine
package import Results

extension MetricValues {
  /// The values in one line, each behind what `label` makes of its name: "loss 0.9780, accuracy 0.5741".
  package func description(_ label: (String) -> String = { $0 }) -> String {
    zip(metrics, values).map { "\(label($0.name)) \(decimals($1, 4))" }.joined(separator: ", ")
  }
}
