import ElementaryFunctions

/// How the learning rate moves during the training. It starts with the first step, also where that is one of a warm-up.
public enum LearningRateSchedule: Equatable, Sendable, Codable {
  /// Constant.
  case constant
  /// Multiplied by `factor` after every `every` epochs.
  case step(factor: Double, every: Int)
  /// From the learning rate down to `final` × learning rate along half a cosine over the whole training.
  case cosine(final: Double)
  /// Multiplied by `rate` in every epoch, a little in each step.
  case exponential(rate: Double)
  /// Multiplied by a factor whenever the monitored metric on the validation events stops improving.
  case plateau(Plateau)

  /// What the learning rate is multiplied by at step number `step` (from 0) of `steps`, `stepsPerEpoch` of them an epoch.
  ///
  /// - constant: 1
  /// - step: factor^⌊epoch / every⌋
  /// - cosine: final + (1 − final) · (1 + cos(π · step / steps)) / 2; Loshchilov and Hutter, ICLR 2017, without restarts
  /// - exponential: rate^(step / stepsPerEpoch), Keras' `ExponentialDecay` without `staircase`
  /// - plateau: 1; the base of the learning rate falls (see ``Plateau``)
  public func factor(step: Int, of steps: Int, stepsPerEpoch: Int) -> Double {
    switch self {
    case .constant, .plateau: return 1
    case .step(let factor, let every): return Elementary.power(factor, step / stepsPerEpoch / every)
    case .cosine(let final):
      return final + (1 - final) * (1 + Elementary.cosine(.pi * Double(step) / Double(steps))) / 2
    case .exponential(let rate):
      let (epoch, rest) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
      let part = Double(rest) / Double(stepsPerEpoch) * Elementary.naturalLogarithm(rate)
      return Elementary.power(rate, epoch) * Elementary.exponential(part)
    }
  }

  /// The settings of ``plateau(_:)``; nil for another schedule.
  public var plateau: Plateau? { if case .plateau(let plateau) = self { plateau } else { nil } }
}
