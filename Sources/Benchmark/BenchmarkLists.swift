package import Machine

/// What the options of `dist-train benchmark` list.
package enum BenchmarkLists {
  /// Batch sizes from a list as `1,32,1024`: one or more, each 1 to 10⁹.
  ///
  /// - Throws: one line that says what is wrong with the list.
  package static func batchSizes(_ list: String) throws(Failure) -> [Int] {
    try numbers(
      list, separator: ",", option: "--batch", what: "batch sizes from 1 to 1,000,000,000", in: 1...1_000_000_000)
  }

  /// Units per layer from a list as `15-30-30-30-4`: inputs, hidden layers if any, at least two classes.
  ///
  /// - Throws: one line that says what is wrong with the list.
  package static func layerSizes(_ list: String) throws(Failure) -> [Int] {
    let sizes = try numbers(
      list, separator: "-", option: "--network", what: "layer sizes from 1 to 1,000,000", in: 1...1_000_000)
    guard sizes.count >= 2, let classes = sizes.last, classes >= 2 else {
      throw Failure(
        .usage, "--network \(list): give inputs, hidden layers and at least 2 classes, e.g. 15-30-30-30-4")
    }
    return sizes
  }

  /// Optimisers from a list as `sgd,adam`: one or more, each once.
  ///
  /// - Throws: one line that says what is wrong with the list.
  package static func optimizers(_ list: String) throws(Failure) -> [BenchmarkOptimizer] {
    var optimizers: [BenchmarkOptimizer] = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let optimizer = BenchmarkOptimizer(rawValue: String(word)), !optimizers.contains(optimizer) else {
        let names = BenchmarkOptimizer.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(
          .usage, "--optimizer \(list): '\(word)' cannot be used; give some of \(names) with ',' between them")
      }
      optimizers.append(optimizer)
    }
    return optimizers
  }

  private static func numbers(
    _ list: String, separator: Character, option: String, what: String, in range: ClosedRange<Int>
  ) throws(Failure) -> [Int] {
    var numbers: [Int] = []
    for word in list.split(separator: separator, omittingEmptySubsequences: false) {
      guard let number = Int(word), range.contains(number) else {
        throw Failure(
          .usage, "\(option) \(list): '\(word)' cannot be used; give \(what) with '\(separator)' between them")
      }
      numbers.append(number)
    }
    return numbers
  }
}
