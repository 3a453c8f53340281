/// The grids that block gradients are rounded to, one per layer: multiples of 2^−exponent.
///
/// Integers on a grid add up exactly in doubles, in any order, as long as they stay small enough; the finer the grid, the
/// less is lost in rounding. Where a layer's grid should lie follows from the step before: every block reports once per
/// layer into which ``Census`` bin its largest value falls, the counts are part of the step's single allreduce, and all ranks
/// draw the same conclusion from the same counts. A block too large for the grid, or blocks so small that they would lose
/// accuracy, re-do the step on a better grid; so there is never a wrong sum, and the largest values of every layer are
/// never lost. What is smaller than half a grid unit rounds to zero: by the table below, at worst values below 2^−(L − 13) of
/// the layer's largest one in the steady state, below 2^−(L − 23) in a step whose gradients have just become smaller.
///
/// With L bits available to a block's largest value (in grid units):
///
/// | the largest over all blocks | then |
/// |---|---|
/// | ≥ 2^L | the step is re-done on a grid coarser by 2²⁰ |
/// | < 2^(L − 24) in every block | the step is re-done on a grid finer by 2²⁰ |
/// | ≥ 2^(L − 4) | the next step's grid is coarser by 2⁴ |
/// | < 2^(L − 14) in every block | the next step's grid is finer by 2⁴ |
///
/// The two kinds of repetition cannot undo each other, as the shift is smaller than the gap between them, 20 < 24, so a step ends
/// after a few of them. L = min(51, 53 − ⌈log₂ blocks⌉): 49 for 16 blocks, 39
/// for 16,384 (a batch of a million events), so the largest value of a layer keeps at least 2^(L − 14) ≥ 2²⁵ grid units in the steady state:
/// more than float32 itself resolves. A step of one block needs no grid (see ``GradientEngine``).
public struct GradientGrid: Equatable, Sendable {
  /// One exponent per layer. Part of the training's state: it goes into checkpoints.
  public var exponents: [Int]

  /// Grids for gradients of order one.
  public init(layers: Int) {
    exponents = Array(repeating: 24, count: layers)
  }

  /// How blocks fill one layer's grid: each counter counts the blocks that reach it.
  public struct Census: Equatable, Sendable {
    /// Blocks whose gradient is not zero.
    public var nonzero = 0.0
    /// Blocks that reach 2^(L − 24).
    public var resolved = 0.0
    /// Blocks that reach 2^(L − 14).
    public var ample = 0.0
    /// Blocks that reach 2^(L − 4).
    public var high = 0.0
    /// Blocks that reach 2^L: their sums are wrong.
    public var overflowed = 0.0

    static let counters = 5
  }

  /// L: how many bits a block's largest value may take when `blocks` of them are summed.
  public static func bits(blocks: Int) -> Int {
    min(51, 53 - (Int.bitWidth - max(blocks - 1, 0).leadingZeroBitCount))
  }

  /// How far a grid moves when a step has to be repeated.
  private static let leap = 20

  /// Moves the grids according to the censuses in a step's sums.
  ///
  /// - Returns: whether the sums just made may be used; if not, the step has to be done again on the moved grids.
  public mutating func settle(_ sums: borrowing StepSums) -> Bool {
    var usable = true
    for layer in exponents.indices {
      let census = sums.census(ofLayer: layer)
      if census.overflowed > 0 {
        exponents[layer] -= Self.leap
        usable = false
      } else if census.nonzero > 0 && census.resolved == 0 {
        exponents[layer] += Self.leap
        usable = false
      }
    }
    guard usable else { return false }
    for layer in exponents.indices {
      let census = sums.census(ofLayer: layer)
      if census.high > 0 {
        exponents[layer] -= 4
      } else if census.nonzero > 0 && census.ample == 0 {
        exponents[layer] += 4
      }
    }
    return true
  }
}
