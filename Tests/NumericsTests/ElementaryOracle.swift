import Numerics
import TestSupport

/// Uniform numbers in [low, high): a million of them, the same in every run; few where the CPU is emulated, as its
/// numbers of 80 bits are even slower than others.
func uniform(_ low: Double, _ high: Double, count: Int = 1_000_000) -> some Sequence<Double> {
  let random = CounterRandom(seed: 20, stream: 22)
  return (0..<UInt64(count / (coarseness * coarseness))).lazy.map { low + (high - low) * random.uniform($0) }
}

/// The largest distance in ulps of a function from its oracle.
func worst(_ arguments: some Sequence<Double>, _ function: (Double) -> Double, _ oracle: (Wide) -> Wide) -> Double {
  arguments.reduce(0) { max($0, ulps(function($1), from: oracle(Wide($1)))) }
}

/// The same over uniform numbers in each of these ranges.
func worst(in ranges: [(Double, Double)], _ function: (Double) -> Double, _ oracle: (Wide) -> Wide) -> Double {
  ranges.map { worst(uniform($0.0, $0.1, count: 200_000), function, oracle) }.max() ?? .infinity
}

/// The documented bound of most functions; a double oracle adds its own error.
let bound = Wide.self == Double.self ? 2.0 : 1.0

func isNegativeZero(_ x: Double) -> Bool { x == 0 && x.sign == .minus }
