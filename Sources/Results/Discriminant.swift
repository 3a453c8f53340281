import ElementaryFunctions

/// The likelihood ratio of signal and background that the outputs of a network estimate, with the background mixed as expected:
///
///     D = ln(Σ_s f_s p_s / Σ_b f_b p_b)
///
/// s are the classes of the signal, b the others; f = expected fraction / fraction in the training, for either group of sum 1. In the
/// training that is how the classes are weighted, so p/(fraction in the training) is proportional to the density of the class
/// (J. Neyman and E. S. Pearson, 1933; with one signal it is puma's D_b of flavour tagging).
package struct Discriminant: Equatable, Sendable {
  /// f, a factor for each class, 0 or more.
  package let factors: [Double]
  package let isSignal: [Bool]

  /// `expected` and `training`: how much of each class there is, in units of its own each. A class of which nothing is expected, or
  /// less, does not count; where that is so of a whole group, all of it counts the same.
  package init(signal: Set<Int>, expected: [Double], training: [Double]) {
    let isSignal = expected.indices.map(signal.contains)
    var factors = zip(expected, training).map { expected, training in
      expected > 0 && training > 0 ? expected / training : 0
    }
    for group in [true, false] {
      let classes = isSignal.indices.filter { isSignal[$0] == group }
      let sum = classes.map { factors[$0] }.compensatedSum
      for index in classes { factors[index] = sum > 0 ? factors[index] / sum : 1 / Double(classes.count) }
    }
    (self.factors, self.isSignal) = (factors, isSignal)
  }

  /// The names of the classes of the signal are those at these places.
  package var signal: [Int] { isSignal.indices.filter { isSignal[$0] } }
  package var background: [Int] { isSignal.indices.filter { !isSignal[$0] } }

  /// Its value for class probabilities: finite, as sums below the smallest normal float32 count as that.
  package func value(_ probabilities: some Sequence<Float>) -> Float {
    var (signal, background) = (0.0, 0.0)
    for (index, probability) in probabilities.enumerated() {
      let term = Double(probability) * factors[index]
      if isSignal[index] { signal += term } else { background += term }
    }
    let smallest = Double(Float.leastNormalMagnitude)
    return Float(Elementary.naturalLogarithm(max(signal, smallest) / max(background, smallest)))
  }
}
