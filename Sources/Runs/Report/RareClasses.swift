import ElementaryFunctions
package import Events
import Machine

/// The classes that are missing from most batches of a training.
///
/// A step without a class learns nothing of it, and a step with one of its few events, whose weights are large where the classes
/// are balanced, is a large one. The mean over the steps is right, but the scatter about it is large.
package struct RareClasses: Equatable {
  /// A class, and the share of the batches that hold none of its events, above ½.
  package struct Rare: Equatable {
    package var name: String
    package var shareWithout: Double
  }

  /// In the order of the classes.
  package let classes: [Rare]
  /// Events in a batch.
  package let batchSize: Int
  /// The smallest batch size for which no class is rare.
  package let sufficientBatchSize: Int
  private let shuffles: Bool

  /// With N training events, N_c of them of the class, and B in a batch, the expected share is (1 − N_c/N)^B in shuffled order.
  /// Otherwise class follows class, and the batches are counted.
  /// Those of a store. In file order, process follows process; where events of several classes are in one file, they are mixed as if
  /// they were shuffled.
  package init(_ header: EventStore.Header, batchSize: Int, shuffles: Bool) {
    let trained = header.processes.filter { $0.use == .train }
    let isMixed = trained.contains { $0.classIndex == nil }
    self.init(
      header.classNames, header.counts, batchSize: batchSize, shuffles: shuffles || isMixed,
      order: trained.map { ($0.classIndex ?? 0, $0.counts.training) })
  }

  /// `order`: the classes of the events in file order, and how many follow one another; nil: class by class.
  package init(
    _ names: [String], _ counts: [EventCounts], batchSize: Int, shuffles: Bool,
    order: [(index: Int, events: Int)]? = nil
  ) {
    let total = counts.total(.training)
    let batchesWith = Self.batches(
      order ?? counts.enumerated().map { ($0, $1.training) }, batchSize, classes: counts.count)
    let steps = batchSize < total ? (total + batchSize - 1) / batchSize : 1
    var (classes, sufficient) = ([Rare](), batchSize)
    for (index, count) in counts.map(\.training).enumerated() where count > 0 {
      let share = { (size: Int) in Elementary.power(1 - Double(count) / Double(total), size) }
      let shareWithout =
        switch (steps, shuffles) {
        case (1, _): 0.0
        case (_, true): share(batchSize)
        case (_, false): 1 - Double(batchesWith[index]) / Double(steps)
        }
      if shareWithout > 0.5 {
        classes.append(Rare(name: names[index], shareWithout: shareWithout))
        sufficient = max(sufficient, Self.smallest(upTo: total) { share($0) <= 0.5 })
      }
    }
    self.classes = classes
    self.batchSize = batchSize
    sufficientBatchSize = sufficient
    self.shuffles = shuffles
  }

  /// For each class, the number of batches that contain it if events come in this order.
  private static func batches(_ order: [(index: Int, events: Int)], _ batchSize: Int, classes: Int) -> [Int] {
    var (found, last, first) = ([Int](repeating: 0, count: classes), [Int](repeating: -1, count: classes), 0)
    for (index, events) in order where events > 0 {
      let end = (first + events - 1) / batchSize
      found[index] += end - max(first / batchSize, last[index] + 1) + 1
      (last[index], first) = (end, first + events)
    }
    return found
  }

  /// The smallest number from 1 to `last` that `isEnough`, as all larger ones are.
  private static func smallest(upTo last: Int, _ isEnough: (Int) -> Bool) -> Int {
    var (low, high) = (1, last)
    while low < high {
      let middle = (low + high) / 2
      if isEnough(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// One line; nil if no class is rare.
  package var warning: String? {
    guard !classes.isEmpty else { return nil }
    let names = classes.enumerated().map { index, rare in
      "\(rare.name) (\(index == 0 ? "missing from " : "")\(percent(rare.shareWithout)))"
    }.joined(separator: ", ")
    return shuffles
      ? "most batches hold no event of \(names); \(remedy), and training.optimizer.learning_rate in proportion"
      : "training.shuffle is false, so the events come class by class: most batches hold no event of \(names); "
        + "set training.shuffle: true"
  }

  /// What makes most batches hold events of all classes.
  var remedy: String {
    shuffles
      ? "raise training.batch_size (now \(batchSize)) to \(sufficientBatchSize) or more" : "set training.shuffle: true"
  }

  private func percent(_ share: Double) -> String {
    share > 0.9995 ? "over 99.9 %" : "\(decimals(100 * share, share > 0.99 ? 1 : 0)) %"
  }
}
