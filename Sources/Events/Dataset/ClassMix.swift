/// How much of each class a training had, and how much of it is expected: what turns the probabilities of a network into those of events
/// as they are expected.
public struct ClassMix: Codable, Equatable, Sendable {
  /// Σw of all selected events of each class in the processes that are trained on, or their number where they have no weights.
  public var expected: [Double]
  /// Σt of the training events of each class.
  public var training: [Double]

  public init(expected: [Double], training: [Double]) { (self.expected, self.training) = (expected, training) }

  /// That of a store.
  public init(_ header: EventStore.Header) {
    func sums(_ part: (EventStore.Header.Process) -> [Double]) -> [Double] {
      header.processes.filter { $0.use == .train }.reduce(Array(repeating: 0, count: header.classNames.count)) {
        zip($0, part($1)).map { $0 + $1 }
      }
    }
    self.init(expected: sums(\.classSums), training: sums(\.trainingWeights))
  }

  /// Whether this can be the mix of so many classes, for one from an untrusted file.
  public func isSound(classes count: Int) -> Bool {
    expected.count == count && training.count == count && expected.allSatisfy(\.isFinite)
      && training.allSatisfy { $0 >= 0 && $0.isFinite }
  }
}
